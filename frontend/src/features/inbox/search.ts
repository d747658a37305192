import type { UnknownSort } from "@/api/unknowns";

export const UNKNOWN_SORTS = ["screen_time", "recent", "assets", "quality"] as const satisfies readonly UnknownSort[];
export type InboxSearch = { sort?: UnknownSort; sel?: string };

export function readInboxSearch(search: Record<string, unknown>): InboxSearch {
  const sort = UNKNOWN_SORTS.find((known) => known === search["sort"]);
  const sel = typeof search["sel"] === "string" || typeof search["sel"] === "number" ? String(search["sel"]) : "";
  return { ...(sort && { sort }), ...(sel && { sel }) };
}
