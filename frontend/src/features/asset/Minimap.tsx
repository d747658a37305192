import { useEffect, useRef, useState, type PointerEvent } from "react";

import { t } from "@/messages";
import { roughLength } from "@/messages/format";
import { clampWindow } from "@/time/scale";

import { drawMinimap } from "./drawLanes";
import type { Peek } from "./FramePeek";
import { prepare, type Palette } from "./palette";
import type { AssetView } from "./useAssetView";
import type { Zoom } from "./useTimeWindow";

const HEIGHT = 24;

type Props = {
  view: AssetView;
  zoom: Zoom;
  scannedMs: number;
  palette: Palette;
  onMove: () => void;
  onPeek: (peek: Peek | null) => void;
};

/** The whole video at a glance, with the window that the lanes show; press or drag to move it. */
export function Minimap({ view, zoom, scannedMs, palette, onMove, onPeek }: Props) {
  const { lanes, durationMs, player } = view;
  const map = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const head = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = map.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    const context = canvas.current && prepare(canvas.current, width, HEIGHT);
    if (context) drawMinimap(context, lanes, width, HEIGHT, durationMs, scannedMs, palette);
  }, [lanes, width, durationMs, scannedMs, palette]);
  useEffect(
    () =>
      player.onTime((ms) => {
        if (head.current)
          head.current.style.transform = `translateX(${durationMs > 0 ? (ms / durationMs) * width : 0}px)`;
      }),
    [player, durationMs, width],
  );

  const centre = (event: PointerEvent<HTMLDivElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    const ms = ((event.clientX - box.left) / box.width) * durationMs;
    onPeek({ ms: Math.max(0, Math.min(ms, durationMs - 1)), clientX: event.clientX, clientY: box.top });
    if (event.buttons !== 1) return;
    onMove();
    zoom.change(({ startMs, endMs }) =>
      clampWindow({ startMs: ms - (endMs - startMs) / 2, endMs: ms + (endMs - startMs) / 2 }, durationMs),
    );
  };
  const share = (ms: number): string => `${durationMs > 0 ? (ms / durationMs) * 100 : 0}%`;
  return (
    <div className="minimap">
      <span className="timeline-label xs t3 num">{t("timeline.overview", { length: roughLength(durationMs) })}</span>
      <div
        className="minimap-map"
        ref={map}
        aria-hidden
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          centre(event);
        }}
        onPointerMove={centre}
        onPointerLeave={() => onPeek(null)}
      >
        <canvas ref={canvas} style={{ width, height: HEIGHT }} />
        <div className="minimap-head" ref={head} />
        <div
          className="minimap-window"
          style={{ left: share(zoom.window.startMs), width: share(zoom.window.endMs - zoom.window.startMs) }}
        />
      </div>
    </div>
  );
}
