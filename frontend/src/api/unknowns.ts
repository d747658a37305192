import { queryOptions } from "@tanstack/react-query";

import { get } from "./client";
import { listOptions } from "./pages";
import type { Page, Track, Unknown } from "./types";

export type UnknownSort = "screen_time" | "recent" | "assets" | "quality";

export const unknownsOptions = (sort: UnknownSort, band?: "ignored") =>
  listOptions<Unknown>(["unknowns"], "unknowns/", { sort, band, limit: 60 });

export const unknownOptions = (key: string) =>
  queryOptions({
    queryKey: ["unknown", key],
    queryFn: ({ signal }) => get<Unknown>(`unknowns/${key}/`, undefined, signal),
  });

/** The first tracks of an unknown: enough to show where it appears. */
export const unknownTracksOptions = (key: string) =>
  queryOptions({
    queryKey: ["unknown", key, "tracks"],
    queryFn: ({ signal }) => get<Page<Track>>(`unknowns/${key}/tracks/`, { limit: 200 }, signal),
  });
