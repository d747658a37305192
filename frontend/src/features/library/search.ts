import type { AssetStatus } from "@/api/types";

export const STATUSES = ["queued", "processing", "ready", "failed"] as const satisfies readonly AssetStatus[];

export type LibrarySearch = { q?: string; status?: AssetStatus; person?: string };

export function readLibrarySearch(search: Record<string, unknown>): LibrarySearch {
  const status = STATUSES.find((known) => known === search["status"]);
  const q = typeof search["q"] === "string" || typeof search["q"] === "number" ? String(search["q"]) : "";
  const person =
    typeof search["person"] === "string" || typeof search["person"] === "number" ? `${search["person"]}` : "";
  return { ...(q && { q }), ...(status && { status }), ...(person && { person }) };
}
