import { useEffect, useRef } from "react";

import type { Track } from "@/api/types";
import { scaleOf, toPx, type TimeWindow } from "@/time/scale";

import type { Lane, Row } from "./lanes";
import { prepare, type Palette } from "./palette";
import type { Player } from "./player";

/** The ruler's height: the overlay begins at its top so that the playhead's head lies in it. */
const RULER = 24;

type Props = {
  player: Player;
  window: TimeWindow;
  width: number;
  height: number;
  palette: Palette;
  rows: readonly Row[];
  top: number;
  selected: Lane | null;
  track: Track | null;
};

/** Playhead and selection, on a canvas of their own: they move far more often than the bars below. */
export function TimelineOverlay({ player, window, width, height, palette, rows, top, selected, track }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const scale = scaleOf(window, width);
    const draw = (ms: number): void => {
      const context = canvas.current && prepare(canvas.current, width, height + RULER);
      if (!context) return;
      const row = rows.find((one) => one.kind === "lane" && one.lane === selected);
      if (row && track) {
        const from = Math.max(-4, Math.round(toPx(scale, track.start_ms)));
        const to = Math.min(width + 4, Math.max(from + 2, Math.round(toPx(scale, track.end_ms))));
        context.strokeStyle = palette.accent;
        context.lineWidth = 2;
        context.beginPath();
        context.roundRect(from - 2, RULER + row.y - top + 3, to - from + 4, row.height - 7, 4);
        context.stroke();
      }
      const x = Math.round(toPx(scale, ms));
      if (x < -6 || x > width + 6) return;
      context.fillStyle = palette.playhead;
      context.fillRect(x - 1, RULER - 8, 2, height + 8);
      context.beginPath();
      context.moveTo(x - 6, RULER - 12);
      context.lineTo(x + 6, RULER - 12);
      context.lineTo(x, RULER - 3);
      context.closePath();
      context.fill();
    };
    return player.onTime(draw);
  });
  return <canvas ref={canvas} className="timeline-overlay" aria-hidden style={{ width, height: height + RULER }} />;
}
