import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";

import { inProgress } from "@/api/assets";
import type { Asset } from "@/api/types";
import { wasStopped } from "@/assets/scans";
import { useCommand } from "@/keys/useCommand";
import { t } from "@/messages";
import { pageTo } from "@/time/scale";

import { drawLanes } from "./drawLanes";
import { FramePeek, type Peek } from "./FramePeek";
import { HoverCard, type Hover } from "./HoverCard";
import { LaneLabels } from "./LaneLabels";
import { layoutRows, rowsBetween, type LaneGroup } from "./lanes";
import { Minimap } from "./Minimap";
import { prepare, usePalette } from "./palette";
import { Ruler } from "./Ruler";
import "./timeline.css";
import { TimelineOverlay } from "./TimelineOverlay";
import { TimelineToolbar } from "./TimelineToolbar";
import { type AssetView } from "./useAssetView";
import { useLanePointer } from "./useLanePointer";
import { useTimeWindow } from "./useTimeWindow";

const KEY_ZOOM = 1.6;

/** The element's content size, kept up to date. */
function useSize(element: HTMLElement | null): { width: number; height: number } {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    if (!element) return undefined;
    const observer = new ResizeObserver(() => setSize({ width: element.clientWidth, height: element.clientHeight }));
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);
  return size;
}

/** A lane for each person and unknown over time. The bars are drawn; labels, ruler and buttons are elements. */
export function Timeline({ view, asset }: { view: AssetView; asset: Asset }) {
  const { lanes, tracks, player, durationMs, selected, selectedTrack } = view;
  const zoom = useTimeWindow(view);
  const palette = usePalette();
  const [folded, setFolded] = useState<ReadonlySet<LaneGroup>>(() => new Set<LaneGroup>(["ignored"]));
  const [top, setTop] = useState(0);
  const [hover, setHover] = useState<Hover | null>(null);
  const [peek, setPeek] = useState<Peek | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [area, setArea] = useState<HTMLElement | null>(null);
  const size = useSize(area);
  const { rows, height: contentHeight } = useMemo(() => layoutRows(lanes, folded), [lanes, folded]);
  const visible = rowsBetween(rows, top, top + size.height);
  const scannedMs = durationMs * asset.scanned;
  const follow = useRef(true);

  useCommand("zoomIn", () => zoom.zoomBy(KEY_ZOOM, player.mediaMs));
  useCommand("zoomOut", () => zoom.zoomBy(1 / KEY_ZOOM, player.mediaMs));
  useCommand("fit", zoom.fit);

  useEffect(() => {
    const frame = requestAnimationFrame(() => {
      const context = canvas.current && prepare(canvas.current, size.width, size.height);
      if (context) {
        drawLanes(context, {
          rows: visible,
          lanes,
          top,
          ...size,
          window: zoom.window,
          durationMs,
          scannedMs,
          selectedKey: selected?.key ?? null,
          palette,
        });
      }
    });
    return () => cancelAnimationFrame(frame);
  });

  // The window follows the playhead by whole pages, until the reader moves it.
  const { change } = zoom;
  useEffect(
    () =>
      player.onTime((ms) => {
        if (player.getState().playing ? follow.current : true) change((window) => pageTo(window, ms, durationMs));
      }),
    [player, change, durationMs],
  );
  useEffect(
    () =>
      player.subscribe(() => {
        if (!player.getState().playing) follow.current = true;
      }),
    [player],
  );

  // A selected lane is brought into view.
  const selectedKey = selected?.key;
  useEffect(() => {
    const row = rows.find((one) => one.kind === "lane" && one.lane.key === selectedKey);
    const box = scroller.current;
    if (!row || !box) return;
    if (row.y < box.scrollTop) box.scrollTop = row.y;
    else if (row.y + row.height > box.scrollTop + box.clientHeight)
      box.scrollTop = row.y + row.height - box.clientHeight;
    // Only when the selection changes: scrolling elsewhere is the reader's right.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [selectedKey]);

  const note =
    lanes.length > 0 || !tracks.isSuccess || inProgress(asset)
      ? null
      : wasStopped(asset)
        ? "cast.failed"
        : asset.status === "failed"
          ? "timeline.nothingRead"
          : "cast.noFaces";

  const stopFollowing = (): void => {
    follow.current = false;
  };
  const pointer = useLanePointer({ view, zoom, rows, top, area, scroller, onHover: setHover, onPan: stopFollowing });
  const toggle = useCallback(
    (group: LaneGroup): void =>
      setFolded((before) => {
        const next = new Set(before);
        if (!next.delete(group)) next.add(group);
        return next;
      }),
    [],
  );

  return (
    <section className="timeline" aria-label={t("timeline.region")}>
      <TimelineToolbar view={view} asset={asset} zoom={zoom} />
      <Minimap
        view={view}
        zoom={zoom}
        scannedMs={scannedMs}
        palette={palette}
        onMove={stopFollowing}
        onPeek={setPeek}
      />
      <Ruler view={view} zoom={zoom} width={size.width} onPeek={setPeek} />
      <div className="lanes" ref={scroller} onScroll={(event) => setTop(event.currentTarget.scrollTop)}>
        <div className="lanes-content" style={{ height: Math.max(contentHeight, size.height) }}>
          <LaneLabels view={view} rows={visible} all={rows} onFold={toggle} />
        </div>
      </div>
      <div className="lanes-canvas" ref={setArea} {...pointer}>
        <canvas ref={canvas} aria-hidden style={{ width: size.width, height: size.height }} />
      </div>
      <TimelineOverlay
        player={player}
        window={zoom.window}
        width={size.width}
        height={size.height}
        palette={palette}
        rows={visible}
        top={top}
        selected={selected}
        track={selectedTrack}
      />
      {note && <p className="timeline-note sm t2">{t(note)}</p>}
      {peek && asset.filmstrip && <FramePeek peek={peek} film={asset.filmstrip} timecode={view.timecode} />}
      {hover && <HoverCard hover={hover} view={view} />}
    </section>
  );
}
