import { queryOptions } from "@tanstack/react-query";

import { all, get, send, urlOf } from "./client";
import { listOptions } from "./pages";
import type { Asset, AssetStatus, Boxes, Frames, Samples, ScanMode, Track } from "./types";

const POLL_MS = 2_000;
/** Others add videos too, and what is made of one in passing comes when there is time. */
const IDLE_POLL_MS = 10_000;

export const inProgress = (asset: Pick<Asset, "status">): boolean =>
  asset.status === "queued" || asset.status === "processing";

export type AssetFilters = { q?: string | undefined; status?: AssetStatus | undefined; person?: string | undefined };

export const assetsOptions = (filters: AssetFilters) => ({
  ...listOptions<Asset>(["assets"], "assets/", { ...filters, limit: 60 }),
  refetchInterval: (query: { state: { data?: { pages: { results: Asset[] }[] } | undefined } }) =>
    query.state.data?.pages.some((page) => page.results.some(inProgress)) ? POLL_MS : IDLE_POLL_MS,
});

/** How soon to look at an asset again; false: nothing more is to come by itself. */
export function nextLookMs(asset: Asset): number | false {
  const { state } = asset.playback;
  if (inProgress(asset) || state === "preparing") return POLL_MS;
  return state === "ready" && asset.filmstrip === null && !asset.still ? IDLE_POLL_MS : false;
}

export const assetOptions = (id: string) =>
  queryOptions({
    queryKey: ["asset", id],
    queryFn: ({ signal }) => get<Asset>(`assets/${id}/`, undefined, signal),
    refetchInterval: ({ state }) => (state.data ? nextLookMs(state.data) : false),
  });

/** Every track of an asset. A running scan adds to them, so the caller says when to look again. */
export const tracksOptions = (id: string, refetchInterval: number | false) =>
  queryOptions({
    queryKey: ["tracks", id],
    queryFn: ({ signal }) => all<Track>(`assets/${id}/tracks/`, {}, signal),
    refetchInterval,
  });

export const boxesOptions = (id: string, refetchInterval: number | false) =>
  queryOptions({
    queryKey: ["boxes", id],
    queryFn: ({ signal }) => get<Boxes>(`assets/${id}/boxes/`, undefined, signal),
    staleTime: Infinity,
    refetchInterval,
  });

/** The presentation times of all frames, which the server gives in pieces: integer ms, ascending. */
async function allFrames(id: string, signal: AbortSignal): Promise<Int32Array> {
  let times = new Int32Array(0);
  for (let read = 0, total = Infinity; read < total;) {
    const piece = await get<Frames>(`assets/${id}/frames/`, { from: read }, signal);
    if (piece.times.length === 0) break;
    if (times.length < piece.total) times = new Int32Array(piece.total);
    times.set(piece.times, piece.first);
    read = piece.first + piece.times.length;
    total = piece.total;
  }
  return times;
}

export const framesOptions = (id: string, refetchInterval: number | false) =>
  queryOptions({
    queryKey: ["frames", id],
    queryFn: ({ signal }) => allFrames(id, signal),
    staleTime: Infinity,
    refetchInterval,
  });

export const samplesOptions = queryOptions({
  queryKey: ["samples"],
  queryFn: ({ signal }) => get<Samples>("samples/", undefined, signal),
  refetchInterval: ({ state }) => (state.data?.state === "composing" ? 1_000 : false),
});

export const composeSamples = (): Promise<Samples> => send<Samples>("POST", "samples/");
/** Reads it again, as the site usually does unless told a mode. */
export const rescan = (id: string, mode?: ScanMode): Promise<unknown> =>
  send("POST", `assets/${id}/scan/`, { json: { mode } });
export const stopScan = (scan: string): Promise<unknown> => send("POST", `scans/${scan}/cancel/`);
/** Adds what a URL names; a worker fetches it. */
export const addFromUrl = (url: string): Promise<Asset> => send<Asset>("POST", "assets/", { json: { url } });
/** Tries again to fetch what could not be had from its URL. */
export const fetchAgain = (id: string, sameContent: boolean): Promise<unknown> =>
  send("POST", `assets/${id}/fetch/`, { json: { same_content: sameContent } });
export const deleteAsset = (id: string): Promise<null> => send<null>("DELETE", `assets/${id}/`);
export const posterUrl = (id: string): string => urlOf(`assets/${id}/poster`);

export type ExportFormat = "videobox" | "json" | "csv" | "webvtt";
export const exportUrl = (id: string, format: ExportFormat): string =>
  urlOf(`assets/${id}/appearances/`, { format, download: 1 });
