import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useState } from "react";

import { assetOptions, boxesOptions, framesOptions, inProgress, tracksOptions } from "@/api/assets";
import type { Track } from "@/api/types";
import { parseFrameRate, type TimecodeBase } from "@/time/timecode";

import { lanesOf, trackAt, type Lane, type LaneSort } from "./lanes";
import { Player } from "./player";
import type { AssetSearch } from "./search";

/** While a scan runs its finds come in by chunks of media: often enough to see them arrive. */
const SCAN_POLL_MS = 4_000;

/** Everything that the asset page's parts share: the data, the player, and what is selected (kept in the URL). */
export function useAssetView(assetId: string) {
  const search = useSearch({ from: "/assets/$assetId" });
  const navigate = useNavigate({ from: "/assets/$assetId" });
  const asset = useQuery(assetOptions(assetId));
  const scanning = asset.data ? inProgress(asset.data) : false;
  const poll = scanning ? SCAN_POLL_MS : false;
  const tracks = useQuery({ ...tracksOptions(assetId, poll), enabled: asset.isSuccess });
  const boxes = useQuery({ ...boxesOptions(assetId, poll), enabled: asset.isSuccess });
  const frames = useQuery({ ...framesOptions(assetId, poll), enabled: asset.isSuccess });

  // What the last look during the scan left out is fetched once when it ends.
  const refetchTracks = tracks.refetch;
  const refetchBoxes = boxes.refetch;
  const refetchFrames = frames.refetch;
  const over = asset.isSuccess && !scanning;
  useEffect(() => {
    if (over) void Promise.all([refetchTracks(), refetchBoxes(), refetchFrames()]);
  }, [over, refetchTracks, refetchBoxes, refetchFrames]);

  const [player] = useState(() => new Player());
  const durationMs = asset.data?.duration_ms ?? 0;
  const frameTimes = frames.data ?? null;
  useEffect(() => {
    player.learn(frameTimes, durationMs);
  }, [player, frameTimes, durationMs]);
  const start = search.t;
  useEffect(() => {
    if (start !== undefined && Math.abs(start - player.mediaMs) > 1) player.seek(start);
    // Only the moment that the page was opened with: afterwards the player leads and the URL follows.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [player, assetId]);

  const [sort, setSort] = useState<LaneSort>("screen_time");
  const lanes = useMemo(() => lanesOf(tracks.data ?? [], sort), [tracks.data, sort]);
  const selected = lanes.find((lane) => lane.key === search.sel) ?? null;
  const selectedTrack = selected?.tracks.find((track) => track.id === search.track) ?? null;

  const update = useCallback(
    (change: { [K in keyof AssetSearch]: AssetSearch[K] | undefined }): void => {
      void navigate({
        search: (before) =>
          Object.fromEntries(Object.entries({ ...before, ...change }).filter(([, value]) => value !== undefined)),
        replace: true,
        resetScroll: false,
      });
    },
    [navigate],
  );

  const select = useCallback(
    (lane: Lane | null, track?: Track | null): void =>
      update({ sel: lane?.key, track: track?.id ?? undefined, t: player.frameMs }),
    [update, player],
  );
  const show = useCallback(
    (lane: Lane, track: Track): void => {
      player.seek(Math.min(track.start_ms + 1, track.end_ms - 1));
      select(lane, track);
    },
    [player, select],
  );
  /** The appearance that a key or button of the selected lane speaks of. */
  const trackInHand = (): Track | null =>
    selectedTrack ??
    (selected && trackAt(selected, player.frameMs)) ??
    (selected?.tracks.length === 1 ? selected.tracks[0] : null) ??
    null;

  const timecode = useMemo(
    (): TimecodeBase => ({
      rate: parseFrameRate(asset.data?.frame_rate ?? null),
      start: asset.data?.start_timecode ?? null,
      frames: frameTimes,
    }),
    [asset.data?.frame_rate, asset.data?.start_timecode, frameTimes],
  );

  return {
    search,
    asset,
    scanning,
    tracks,
    boxes,
    player,
    durationMs,
    sort,
    setSort,
    lanes,
    selected,
    selectedTrack,
    update,
    select,
    show,
    trackInHand,
    timecode,
  };
}

export type AssetView = ReturnType<typeof useAssetView>;
