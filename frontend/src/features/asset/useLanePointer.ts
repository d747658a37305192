import { useEffect, useRef, type PointerEvent, type RefObject } from "react";

import { scaleOf, toMs } from "@/time/scale";

import type { Hover } from "./HoverCard";
import { rowsBetween, type Row } from "./lanes";
import { hitTrack } from "./segments";
import type { AssetView } from "./useAssetView";
import type { Zoom } from "./useTimeWindow";

/** How long the pointer rests on a bar before its card shows. */
const HOVER_MS = 80;
const WHEEL_ZOOM = 1.0018;

type Options = {
  view: AssetView;
  zoom: Zoom;
  rows: readonly Row[];
  top: number;
  /** The element over the bars. */
  area: HTMLElement | null;
  scroller: RefObject<HTMLElement | null>;
  onHover: (hover: Hover | null) => void;
  onPan: () => void;
};

/** Mouse and wheel over the bars: click seeks and selects, the middle button pans, Ctrl+wheel zooms on the pointer. */
export function useLanePointer({ view, zoom, rows, top, area, scroller, onHover, onPan }: Options) {
  const timer = useRef(0);
  const panFrom = useRef<number | null>(null);

  const place = (clientX: number, clientY: number): { x: number; y: number; width: number } => {
    const box = area?.getBoundingClientRect();
    return { x: clientX - (box?.left ?? 0), y: clientY - (box?.top ?? 0), width: box?.width ?? 1 };
  };

  const find = (event: {
    clientX: number;
    clientY: number;
  }): { hover: Hover | null; row: Row | undefined; ms: number } => {
    const { x, y, width } = place(event.clientX, event.clientY);
    const scale = scaleOf(zoom.window, width);
    const row = rowsBetween(rows, y + top, y + top + 1)[0];
    const index = row?.kind === "lane" ? hitTrack(row.lane, scale, x) : null;
    const track = row?.kind === "lane" && index !== null ? row.lane.tracks[index] : undefined;
    const hover =
      row?.kind === "lane" && track
        ? {
            lane: row.lane,
            track,
            clientX: event.clientX,
            clientY: (area?.getBoundingClientRect().top ?? 0) + row.y - top,
          }
        : null;
    return { hover, row, ms: toMs(scale, x) };
  };

  const { zoomBy, panBy, window } = zoom;
  useEffect(() => {
    if (!area) return undefined;
    const onWheel = (event: WheelEvent): void => {
      const box = area.getBoundingClientRect();
      const scale = scaleOf(window, box.width);
      const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
      if (event.ctrlKey || event.metaKey) zoomBy(WHEEL_ZOOM ** -event.deltaY, toMs(scale, event.clientX - box.left));
      else if (sideways) panBy((event.deltaX || event.deltaY) / scale.pxPerMs);
      else {
        if (scroller.current) scroller.current.scrollTop += event.deltaY;
        return;
      }
      event.preventDefault();
      onPan();
    };
    // React listens to wheels passively; zooming must keep the page from zooming too.
    area.addEventListener("wheel", onWheel, { passive: false });
    return () => area.removeEventListener("wheel", onWheel);
  }, [area, scroller, window, zoomBy, panBy, onPan]);

  useEffect(() => () => clearTimeout(timer.current), []);

  return {
    onPointerDown: (event: PointerEvent<HTMLElement>): void => {
      clearTimeout(timer.current);
      onHover(null);
      if (event.button === 1) {
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
        panFrom.current = event.clientX;
        return;
      }
      if (event.button !== 0) return;
      const { hover, row, ms } = find(event);
      view.player.seek(ms);
      if (row?.kind === "lane") view.select(row.lane, hover?.track ?? null);
    },
    onPointerMove: (event: PointerEvent<HTMLElement>): void => {
      if (panFrom.current !== null) {
        const { width } = place(event.clientX, event.clientY);
        zoom.panBy((panFrom.current - event.clientX) / scaleOf(zoom.window, width).pxPerMs);
        panFrom.current = event.clientX;
        onPan();
        return;
      }
      const { hover } = find(event);
      clearTimeout(timer.current);
      if (!hover) onHover(null);
      else timer.current = self.setTimeout(() => onHover(hover), HOVER_MS);
    },
    onPointerUp: (): void => {
      panFrom.current = null;
    },
    onPointerLeave: (): void => {
      clearTimeout(timer.current);
      onHover(null);
    },
  };
}
