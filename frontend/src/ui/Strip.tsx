import type { Band } from "@/api/types";

import "./strip.css";

/** `found` is what a search found: whatever is said about who it is. */
type StretchBand = Band | "found";
export type Stretch = { start_ms: number; end_ms: number; band: StretchBand };

/** Shorter than this share of the strip, neighbours run together and short ones are widened: nobody could see less. */
const FINEST = 0.004;

/** A strip's bars, as shares of its length; stretches of one band that nearly touch become one. */
export function barsOf(
  stretches: readonly Stretch[],
  durationMs: number,
): { from: number; to: number; band: StretchBand }[] {
  const bars: { from: number; to: number; band: StretchBand }[] = [];
  const whole = Math.max(1, durationMs);
  for (const { start_ms, end_ms, band } of [...stretches].sort((a, b) => a.start_ms - b.start_ms)) {
    const from = Math.min(1, start_ms / whole);
    const to = Math.min(1, Math.max(end_ms / whole, from + FINEST));
    const before = bars.at(-1);
    if (before && before.band === band && from - before.to < FINEST) before.to = Math.max(before.to, to);
    else bars.push({ from, to, band });
  }
  return bars;
}

/** When somebody appears in a video, at a glance. */
export function Strip({
  stretches,
  durationMs,
  label,
}: {
  stretches: readonly Stretch[];
  durationMs: number;
  label: string;
}) {
  return (
    <span className="strip" role="img" aria-label={label}>
      {barsOf(stretches, durationMs).map(({ from, to, band }) => (
        <i
          key={`${from}${band}`}
          className={`strip-bar state-mark ${band}`}
          style={{ insetInlineStart: `${from * 100}%`, width: `${(to - from) * 100}%` }}
        />
      ))}
    </span>
  );
}
