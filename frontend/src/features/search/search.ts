export const TOGETHER = [0, 10_000, 60_000] as const;
export type Together = (typeof TOGETHER)[number];
export type SearchParams = { all?: string[]; any?: string[]; none?: string[]; together?: Together };

/** A list of ids, however it was written into the address. */
function ids(value: unknown): string[] {
  const list = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return [...new Set(list.filter((one) => typeof one === "string" || typeof one === "number").map(String))];
}

export function readPersonSearch(search: Record<string, unknown>): SearchParams {
  const [all, any, none] = [ids(search["all"]), ids(search["any"]), ids(search["none"])];
  const together = TOGETHER.find((known) => known === Number(search["together"] ?? NaN));
  return {
    ...(all.length && { all }),
    ...(any.length && { any }),
    ...(none.length && { none }),
    ...(together !== undefined && { together }),
  };
}
