/** Sorted presentation times of frames, integer milliseconds. */
export type FrameTimes = ArrayLike<number>;

/** How many elements of the sorted `times` are ≤ ms. */
export function countUpTo(times: ArrayLike<number>, ms: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] as number) <= ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The number of the frame on the screen at `ms`; 0 before the first. */
export function frameAt(times: FrameTimes, ms: number): number {
  return Math.max(0, countUpTo(times, ms) - 1);
}

/**
 * Where to seek so that a browser shows exactly frame `index`: half-way to the next frame, since a seek to a
 * frame's own time may land on the one before it. Milliseconds, not whole.
 */
export function seekTimeOf(times: FrameTimes, index: number, endMs: number): number {
  const last = times.length - 1;
  const i = Math.max(0, Math.min(index, last));
  const start = times[i] ?? 0;
  const next = i < last ? (times[i + 1] as number) : Math.max(endMs, start);
  return (start + next) / 2;
}
