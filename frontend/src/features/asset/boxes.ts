import type { TrackBoxes } from "@/api/types";
import { countUpTo } from "@/time/frames";

/** Pixels of the upright frame. */
export type Box = { left: number; top: number; width: number; height: number };

/** Between two samples further apart than this nobody knows where the face was. */
export const MAX_GAP_MS = 500;

const boxOf = ([left = 0, top = 0, width = 0, height = 0]: readonly number[]): Box => ({ left, top, width, height });

/**
 * Where a track's face is at `ms`: between two samples a straight line, near the first or last one that sample.
 * Null where the samples are more than MAX_GAP_MS away.
 */
export function boxAt({ times, boxes }: Pick<TrackBoxes, "times" | "boxes">, ms: number): Box | null {
  const next = countUpTo(times, ms);
  const a = boxes[next - 1];
  const b = boxes[next];
  const aMs = times[next - 1];
  const bMs = times[next];
  if (a && b && aMs !== undefined && bMs !== undefined) {
    if (aMs === ms) return boxOf(a);
    if (bMs - aMs > MAX_GAP_MS) return null;
    const share = (ms - aMs) / (bMs - aMs);
    return boxOf(a.map((from, i) => from + share * ((b[i] ?? from) - from)));
  }
  if (a && aMs !== undefined) return ms - aMs <= MAX_GAP_MS ? boxOf(a) : null;
  if (b && bMs !== undefined) return bMs - ms <= MAX_GAP_MS ? boxOf(b) : null;
  return null;
}

/** The largest size with the picture's shape that fits into the room. */
export function fit(
  picture: { width: number; height: number },
  room: { width: number; height: number },
): { width: number; height: number } {
  const scale = Math.min(room.width / picture.width, room.height / picture.height);
  return {
    width: Math.max(0, Math.floor(picture.width * scale)),
    height: Math.max(0, Math.floor(picture.height * scale)),
  };
}
