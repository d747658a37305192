export type AssetSearch = {
  /** The selected lane, and the track in it. */
  sel?: string;
  track?: string;
  /** The moment on the screen, ms. */
  t?: number;
  /** The window of the timeline, ms. */
  from?: number;
  to?: number;
};

const whole = (value: unknown): number | undefined => {
  const number = typeof value === "number" ? value : typeof value === "string" ? Number(value) : NaN;
  return Number.isFinite(number) && number >= 0 ? Math.round(number) : undefined;
};
const text = (value: unknown): string | undefined =>
  typeof value === "string" || typeof value === "number" ? String(value) : undefined;

export function readAssetSearch(search: Record<string, unknown>): AssetSearch {
  const read = {
    sel: text(search["sel"]),
    track: text(search["track"]),
    t: whole(search["t"]),
    from: whole(search["from"]),
    to: whole(search["to"]),
  };
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
}
