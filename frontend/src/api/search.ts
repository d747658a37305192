import { listOptions } from "./pages";
import type { SearchHit } from "./types";

export type PersonSearch = {
  all: readonly string[];
  any: readonly string[];
  none: readonly string[];
  togetherWithinMs: number | null;
};

export const isEmptySearch = ({ all, any, none }: PersonSearch): boolean => all.length + any.length + none.length === 0;

export const searchOptions = ({ all, any, none, togetherWithinMs }: PersonSearch) =>
  listOptions<SearchHit>(["search"], "search/", { all, any, none, together_within_ms: togetherWithinMs, limit: 50 });
