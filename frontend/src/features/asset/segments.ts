import { countUpTo } from "@/time/frames";
import { toPx, type TimeScale } from "@/time/scale";

import type { Lane } from "./lanes";

/** Whole pixels: [from, to). */
export type Run = { from: number; to: number };

type Columns = Pick<Lane, "starts" | "ends" | "bands">;

/**
 * What of one band a lane shows in [0, widthPx): whole pixels, at least one for each track, and tracks closer than
 * a pixel run together.
 */
export function runsOf({ starts, ends, bands }: Columns, band: number, scale: TimeScale, widthPx: number): Run[] {
  const runs: Run[] = [];
  const endMs = scale.startMs + widthPx / scale.pxPerMs;
  const last = countUpTo(starts, endMs);
  for (let i = 0; i < last; i++) {
    if (bands[i] !== band || (ends[i] as number) <= scale.startMs) continue;
    const from = Math.max(0, Math.round(toPx(scale, starts[i] as number)));
    const to = Math.min(widthPx, Math.max(from + 1, Math.round(toPx(scale, ends[i] as number))));
    const before = runs.at(-1);
    if (before && from - before.to < 1) before.to = Math.max(before.to, to);
    else if (to > from) runs.push({ from, to });
  }
  return runs;
}

/** The index of the lane's track under a pixel, with a little grace around those that are drawn very small. */
export function hitTrack({ starts, ends }: Columns, scale: TimeScale, px: number, gracePx = 3): number | null {
  const ms = scale.startMs + px / scale.pxPerMs;
  const grace = gracePx / scale.pxPerMs;
  let best: number | null = null;
  let bestGap = Infinity;
  for (let i = 0; i < starts.length; i++) {
    const gap = Math.max((starts[i] as number) - ms, ms - (ends[i] as number), 0);
    if (gap <= grace && gap < bestGap) {
      best = i;
      bestGap = gap;
    }
  }
  return best;
}
