/** Maps media time to the screen. Times in milliseconds, positions in CSS pixels. */
export type TimeScale = { startMs: number; pxPerMs: number };

/** The half-open interval of media time that a view shows. */
export type TimeWindow = { startMs: number; endMs: number };

/** The narrowest window that the timeline zooms to. */
export const MIN_WINDOW_MS = 2_000;

export function toPx(scale: TimeScale, ms: number): number {
  return (ms - scale.startMs) * scale.pxPerMs;
}

export function toMs(scale: TimeScale, px: number): number {
  return scale.startMs + px / scale.pxPerMs;
}

export function scaleOf(window: TimeWindow, widthPx: number): TimeScale {
  return { startMs: window.startMs, pxPerMs: widthPx / Math.max(1, window.endMs - window.startMs) };
}

/** The same span moved and, where it must be, shrunk to lie inside [0, durationMs). */
export function clampWindow(window: TimeWindow, durationMs: number): TimeWindow {
  const whole = Math.max(durationMs, 1);
  const span = Math.min(Math.max(window.endMs - window.startMs, MIN_WINDOW_MS), Math.max(whole, MIN_WINDOW_MS));
  const startMs = Math.max(0, Math.min(window.startMs, whole - span));
  return { startMs, endMs: startMs + span };
}

/** Narrows the window by `factor` (> 1 zooms in), keeping `heldMs` at the same place on the screen. */
export function zoomWindow(window: TimeWindow, factor: number, heldMs: number, durationMs: number): TimeWindow {
  const span = window.endMs - window.startMs;
  const limit = Math.max(durationMs, MIN_WINDOW_MS);
  const newSpan = Math.min(Math.max(span / factor, MIN_WINDOW_MS), limit);
  const share = span > 0 ? (heldMs - window.startMs) / span : 0.5;
  const startMs = heldMs - share * newSpan;
  return clampWindow({ startMs, endMs: startMs + newSpan }, durationMs);
}

export function panWindow(window: TimeWindow, byMs: number, durationMs: number): TimeWindow {
  return clampWindow({ startMs: window.startMs + byMs, endMs: window.endMs + byMs }, durationMs);
}

/** A window of the same span in which `ms` is visible: turned by whole pages, as a playhead is followed. */
export function pageTo(window: TimeWindow, ms: number, durationMs: number): TimeWindow {
  if (ms >= window.startMs && ms < window.endMs) return window;
  const span = window.endMs - window.startMs;
  return clampWindow({ startMs: ms - span * 0.1, endMs: ms + span * 0.9 }, durationMs);
}

const STEPS_MS = [
  100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000,
  7_200_000, 18_000_000, 36_000_000,
];

/** Places of the ruler's labels: the finest of the 1/2/5/10/30 steps that leaves each label `minGapPx`. */
export function rulerTicks(
  window: TimeWindow,
  widthPx: number,
  minGapPx = 90,
): { stepMs: number; ticks: readonly number[] } {
  const { pxPerMs } = scaleOf(window, widthPx);
  const stepMs = STEPS_MS.find((step) => step * pxPerMs >= minGapPx) ?? 36_000_000;
  const ticks: number[] = [];
  for (let ms = Math.ceil(window.startMs / stepMs) * stepMs; ms < window.endMs; ms += stepMs) ticks.push(ms);
  return { stepMs, ticks };
}
