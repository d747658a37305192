import { useEffect, useMemo, useRef, type MouseEvent } from "react";

import type { Asset, Band, Track, TrackBoxes } from "@/api/types";

import { boxAt, type Box } from "./boxes";
import { laneName } from "./laneName";
import { laneKeyOf, type Lane } from "./lanes";
import { prepare, usePalette, type Palette } from "./palette";
import type { AssetView } from "./useAssetView";

type Shown = { track: Track; lane: Lane | undefined; boxes: TrackBoxes };
type Placed = Shown & { box: Box };

const STROKES: Record<Band, { width: number; dash: number[] }> = {
  confirmed: { width: 2, dash: [] },
  auto: { width: 1.25, dash: [] },
  suggested: { width: 2, dash: [6, 4] },
  unknown: { width: 2, dash: [1.5, 4] },
  ignored: { width: 1, dash: [1.5, 4] },
};
const LABEL_FONT = '600 12px "Inter Variable", system-ui, sans-serif';
const LABEL_HEIGHT = 20;

function drawBox(
  context: CanvasRenderingContext2D,
  { box, track, lane }: Placed,
  palette: Palette,
  selected: boolean,
  room: { width: number; height: number },
): void {
  const colour = palette[track.band];
  const { width, dash } = STROKES[track.band];
  context.beginPath();
  context.roundRect(box.left, box.top, box.width, box.height, 6);
  if (selected) {
    context.setLineDash([]);
    context.lineWidth = width + 5;
    context.globalAlpha = 0.3;
    context.strokeStyle = colour;
    context.stroke();
    context.globalAlpha = 1;
  } else {
    // A dark line under the coloured one keeps it visible on any picture.
    context.setLineDash([]);
    context.lineWidth = width + 1.5;
    context.strokeStyle = "rgb(8 9 11 / 45%)";
    context.stroke();
  }
  context.setLineDash(dash);
  context.lineCap = track.band === "unknown" ? "round" : "butt";
  context.lineWidth = width;
  context.strokeStyle = colour;
  context.stroke();
  context.setLineDash([]);

  const text = lane ? laneName(lane) : "";
  if (!text || track.band === "ignored") return;
  context.font = LABEL_FONT;
  const labelWidth = Math.ceil(context.measureText(text).width) + 14;
  const x = Math.max(0, Math.min(box.left - 1, room.width - labelWidth));
  const above = box.top - LABEL_HEIGHT - 3;
  const y = above >= 0 ? above : Math.min(box.top + box.height + 3, room.height - LABEL_HEIGHT);
  context.fillStyle = colour;
  context.beginPath();
  context.roundRect(x, y, labelWidth, LABEL_HEIGHT, 5);
  context.fill();
  context.fillStyle = palette.onState;
  context.textBaseline = "middle";
  context.fillText(text, x + 7, y + LABEL_HEIGHT / 2 + 0.5);
}

type Props = { view: AssetView; asset: Asset; shown: boolean; width: number; height: number };

/** The face boxes over the picture, drawn anew for every frame that the video shows. */
export function BoxesCanvas({ view, asset, shown, width, height }: Props) {
  const { player, lanes, tracks, boxes, selected, select } = view;
  const canvas = useRef<HTMLCanvasElement>(null);
  const palette = usePalette();

  const all = useMemo((): Shown[] => {
    const laneByKey = new Map(lanes.map((lane) => [lane.key, lane]));
    const boxesById = new Map((boxes.data?.tracks ?? []).map((one) => [one.id, one]));
    return (tracks.data ?? []).flatMap((track) => {
      const own = boxesById.get(track.id);
      return own ? [{ track, lane: laneByKey.get(laneKeyOf(track)), boxes: own }] : [];
    });
  }, [tracks.data, boxes.data, lanes]);

  const scale = width / (asset.width ?? boxes.data?.width ?? width) || 1;
  const placed = (ms: number): Placed[] =>
    all.flatMap((one) => {
      if (ms < one.track.start_ms || ms >= one.track.end_ms) return [];
      const box = boxAt(one.boxes, ms);
      return box
        ? [
            {
              ...one,
              box: {
                left: box.left * scale,
                top: box.top * scale,
                width: box.width * scale,
                height: box.height * scale,
              },
            },
          ]
        : [];
    });

  useEffect(() => {
    const draw = (ms: number): void => {
      if (!canvas.current) return;
      const context = prepare(canvas.current, width, height);
      if (!context || !shown) return;
      for (const one of placed(Math.round(ms)))
        drawBox(context, one, palette, one.lane?.key === selected?.key, { width, height });
    };
    return player.onFrame(draw);
  });

  const onClick = (event: MouseEvent<HTMLCanvasElement>): void => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    const hit = shown
      ? placed(Math.round(player.shownMs)).find(
          ({ box }) => x >= box.left && x < box.left + box.width && y >= box.top && y < box.top + box.height,
        )
      : undefined;
    if (hit?.lane) select(hit.lane, hit.track);
    else player.toggle();
  };

  // The same is reached by keys and by the cast panel's buttons.

  return <canvas ref={canvas} className="boxes" aria-hidden style={{ width, height }} onClick={onClick} />;
}
