import { infiniteQueryOptions, type QueryKey } from "@tanstack/react-query";

import { get, samePage, type Query } from "./client";
import type { Page } from "./types";

/** Options of a list that is read page by page along the server's cursor. */
export function listOptions<T>(queryKey: QueryKey, path: string, query: Query = {}) {
  return infiniteQueryOptions({
    queryKey: [...queryKey, query],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      pageParam ? get<Page<T>>(samePage(pageParam), undefined, signal) : get<Page<T>>(path, query, signal),
    getNextPageParam: (page) => page.next,
  });
}
