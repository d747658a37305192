import { useCallback, useEffect, useState } from "react";

import { clampWindow, panWindow, zoomWindow, type TimeWindow } from "@/time/scale";

import type { AssetView } from "./useAssetView";

const KEEP_MS = 400;

/** The part of the video that the timeline shows, with the ways to move it; the URL keeps it when it rests. */
export function useTimeWindow({ durationMs, search, update }: AssetView) {
  const [chosen, setChosen] = useState<TimeWindow | null>(() =>
    search.from !== undefined && search.to !== undefined && search.to > search.from
      ? { startMs: search.from, endMs: search.to }
      : null,
  );
  const whole = { startMs: 0, endMs: Math.max(1, durationMs) };
  const window = chosen && durationMs > 0 ? clampWindow(chosen, durationMs) : whole;

  useEffect(() => {
    const from = chosen ? Math.round(chosen.startMs) : undefined;
    const to = chosen ? Math.round(chosen.endMs) : undefined;
    if (from === search.from && to === search.to) return undefined;
    const timer = setTimeout(() => update({ from, to }), KEEP_MS);
    return () => clearTimeout(timer);
  }, [chosen, search.from, search.to, update]);

  const change = useCallback(
    (move: (window: TimeWindow) => TimeWindow): void =>
      setChosen((before) => {
        const next = move(before ?? { startMs: 0, endMs: Math.max(1, durationMs) });
        return next.startMs <= 0 && next.endMs >= durationMs ? null : next;
      }),
    [durationMs],
  );

  return {
    window,
    /** How far the view is zoomed in: 1 shows the whole video. */
    zoom: durationMs > 0 ? durationMs / (window.endMs - window.startMs) : 1,
    fit: useCallback(() => setChosen(null), []),
    change,
    zoomBy: useCallback(
      (factor: number, heldMs: number): void => change((before) => zoomWindow(before, factor, heldMs, durationMs)),
      [change, durationMs],
    ),
    panBy: useCallback(
      (ms: number): void => change((before) => panWindow(before, ms, durationMs)),
      [change, durationMs],
    ),
  };
}

export type Zoom = ReturnType<typeof useTimeWindow>;
