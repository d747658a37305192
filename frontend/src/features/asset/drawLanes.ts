import { scaleOf, toPx, type TimeScale, type TimeWindow } from "@/time/scale";

import { BANDS, bandOf, type Lane, type LaneGroup, type Row } from "./lanes";
import type { Palette } from "./palette";
import { runsOf, type Run } from "./segments";

/** Share of a bar's full height in which each band is drawn: heights tell the bands apart where patterns cannot. */
const HEIGHTS = [1, 0.75, 0.75, 0.5, 0.5] as const;
const FULL_HEIGHT = 16;
/** Narrower bars get no pattern: it would be noise. */
const PATTERN_FROM_PX = 8;

const CONFIRMED = 0;
const AUTO = 1;
const SUGGESTED = 2;

const patterns = new Map<string, CanvasPattern | null>();

function hatch(context: CanvasRenderingContext2D, colour: string, strength: number): CanvasPattern | string {
  const key = `${colour}/${strength}`;
  if (!patterns.has(key)) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 6;
    const pen = tile.getContext("2d");
    if (pen) {
      pen.strokeStyle = colour;
      pen.globalAlpha = strength;
      pen.lineWidth = 2;
      pen.beginPath();
      for (const x of [-6, 0, 6]) {
        pen.moveTo(x - 1, 7);
        pen.lineTo(x + 7, -1);
      }
      pen.stroke();
    }
    patterns.set(key, context.createPattern(tile, "repeat"));
  }
  return patterns.get(key) ?? colour;
}

function drawRuns(
  context: CanvasRenderingContext2D,
  runs: readonly Run[],
  band: number,
  y: number,
  height: number,
  palette: Palette,
): void {
  const name = BANDS[band] ?? "unknown";
  const colour = palette[name];
  context.fillStyle = colour;
  if (band === CONFIRMED || band === AUTO) {
    context.globalAlpha = band === AUTO ? 0.78 : 1;
    context.beginPath();
    for (const { from, to } of runs) {
      if (to - from >= 6) context.roundRect(from, y, to - from, height, 2.5);
      else context.rect(from, y, to - from, height);
    }
    context.fill();
    context.globalAlpha = 1;
    return;
  }
  context.globalAlpha = band === SUGGESTED ? 0.28 : 0.18;
  for (const { from, to } of runs) context.fillRect(from, y, to - from, height);
  context.globalAlpha = 1;
  if (band === SUGGESTED) {
    for (const { from, to } of runs) {
      context.fillStyle = to - from >= PATTERN_FROM_PX ? hatch(context, colour, 1) : colour;
      context.fillRect(from, y, to - from, height);
    }
  }
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.beginPath();
  for (const { from, to } of runs)
    context.roundRect(from + 0.5, y + 0.5, Math.max(1, to - from - 1), height - 1, to - from >= 6 ? 2 : 0);
  context.stroke();
}

function drawLane(
  context: CanvasRenderingContext2D,
  lane: Lane,
  scale: TimeScale,
  widthPx: number,
  y: number,
  height: number,
  full: number,
  palette: Palette,
): void {
  for (let band = 0; band < BANDS.length; band++) {
    const runs = runsOf(lane, band, scale, widthPx);
    if (runs.length === 0) continue;
    const tall = Math.max(2, Math.round(full * (HEIGHTS[band] ?? 0.5)));
    drawRuns(context, runs, band, Math.round(y + (height - tall) / 2), tall, palette);
  }
}

export type LanesView = {
  rows: readonly Row[];
  lanes: readonly Lane[];
  top: number;
  width: number;
  height: number;
  window: TimeWindow;
  durationMs: number;
  /** Milliseconds that have been looked at; the rest is hatched. */
  scannedMs: number;
  selectedKey: string | null;
  palette: Palette;
};

/** All that lies under playhead and pointer: the rows in view with their bars. */
export function drawLanes(context: CanvasRenderingContext2D, view: LanesView): void {
  const { rows, lanes, top, width, height, window, palette } = view;
  const scale = scaleOf(window, width);
  const density = (group: LaneGroup): Lane[] => lanes.filter((lane) => lane.group === group);
  for (const row of rows) {
    const y = row.y - top;
    if (row.kind === "group") {
      context.fillStyle = palette.bg2;
      context.fillRect(0, y, width, row.height);
      if (row.folded)
        for (const lane of density(row.group)) drawLane(context, lane, scale, width, y, row.height, 10, palette);
    } else {
      if (row.lane.key === view.selectedKey) {
        context.fillStyle = bandOf(row.lane) === "suggested" ? palette.suggested : palette.accent;
        context.globalAlpha = 0.09;
        context.fillRect(0, y, width, row.height);
        context.globalAlpha = 1;
      }
      drawLane(context, row.lane, scale, width, y, row.height - 1, FULL_HEIGHT, palette);
    }
    context.fillStyle = palette.line;
    context.globalAlpha = row.kind === "group" ? 1 : 0.55;
    context.fillRect(0, y + row.height - 1, width, 1);
    context.globalAlpha = 1;
  }
  const unseen = Math.max(0, toPx(scale, view.scannedMs));
  if (view.durationMs > 0 && unseen < width) {
    context.fillStyle = hatch(context, palette.lineStrong, 0.7);
    context.fillRect(unseen, 0, width - unseen, height);
  }
}

/** More lanes than this would be hairlines in the overview: each group becomes one stripe. */
const MOST_STRIPES = 6;

/** What each stripe of the overview shows: a lane, or where these are many, a group. */
function stripesOf(lanes: readonly Lane[]): Lane[][] {
  const shown = lanes.filter((lane) => lane.group !== "ignored");
  if (shown.length <= MOST_STRIPES) return shown.map((lane) => [lane]);
  const groups = (["named", "unknown"] as const).map((group) => shown.filter((lane) => lane.group === group));
  return groups.filter((stripe) => stripe.length > 0);
}

/** The whole video in a few pixels, each lane's bars in its colours. */
export function drawMinimap(
  context: CanvasRenderingContext2D,
  lanes: readonly Lane[],
  width: number,
  height: number,
  durationMs: number,
  scannedMs: number,
  palette: Palette,
): void {
  const scale = scaleOf({ startMs: 0, endMs: Math.max(1, durationMs) }, width);
  const stripes = stripesOf(lanes);
  const step = Math.min(stripes.length > 2 ? 6 : 9, height / Math.max(1, stripes.length));
  const tall = Math.max(1, Math.floor(step) - 1);
  const offset = Math.floor((height - step * stripes.length) / 2);
  stripes.forEach((stripe, i) => {
    for (let band = BANDS.length - 1; band >= 0; band--) {
      context.fillStyle = palette[BANDS[band] ?? "unknown"];
      context.globalAlpha = stripe[0]?.group === "named" ? 0.8 : 0.5;
      for (const lane of stripe) {
        for (const { from, to } of runsOf(lane, band, scale, width))
          context.fillRect(from, Math.round(offset + i * step), to - from, tall);
      }
    }
  });
  context.globalAlpha = 1;
  const unseen = toPx(scale, scannedMs);
  if (durationMs > 0 && unseen < width) {
    context.fillStyle = hatch(context, palette.lineStrong, 0.8);
    context.fillRect(unseen, 0, width - unseen, height);
  }
}
