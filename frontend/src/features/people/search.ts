import type { PeopleSort } from "@/api/people";

export const PEOPLE_SORTS = ["screen_time", "recent", "name"] as const satisfies readonly PeopleSort[];
export type PeopleSearch = { q?: string; sort?: PeopleSort };

export function readPeopleSearch(search: Record<string, unknown>): PeopleSearch {
  const q = typeof search["q"] === "string" || typeof search["q"] === "number" ? String(search["q"]) : "";
  const sort = PEOPLE_SORTS.find((known) => known === search["sort"]);
  return { ...(q && { q }), ...(sort && { sort }) };
}
