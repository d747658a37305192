import { ArrowDownNarrowWide, ZoomIn, ZoomOut } from "lucide-react";
import type { CSSProperties } from "react";

import type { Asset, Band } from "@/api/types";
import { t } from "@/messages";
import { percent } from "@/messages/format";
import { MIN_WINDOW_MS } from "@/time/scale";
import { Button, KeyHint, StateMark } from "@/ui";

import type { LaneSort } from "./lanes";
import type { AssetView } from "./useAssetView";
import type { Zoom } from "./useTimeWindow";

const SORTS: readonly LaneSort[] = ["screen_time", "first", "name"];
const LEGEND: readonly Band[] = ["confirmed", "auto", "suggested", "unknown"];
const STEP = 1.6;

export function TimelineToolbar({ view, asset, zoom }: { view: AssetView; asset: Asset; zoom: Zoom }) {
  const { sort, setSort, player, durationMs, lanes } = view;
  const most = Math.max(1, Math.log(durationMs / MIN_WINDOW_MS));
  const at = Math.min(1, Math.log(zoom.zoom) / most);
  return (
    <div className="timeline-tools">
      <ArrowDownNarrowWide size={15} aria-hidden className="t3" />
      <select
        className="btn small"
        aria-label={t("timeline.sort")}
        value={sort}
        onChange={(event) => setSort(SORTS.find((known) => known === event.target.value) ?? "screen_time")}
      >
        {SORTS.map((known) => (
          <option key={known} value={known}>
            {t(`timeline.sort.${known}`)}
          </option>
        ))}
      </select>
      <ul className="legend sm t2" aria-label={t("timeline.legend")}>
        {LEGEND.map((band) => (
          <li key={band} className="row">
            <StateMark band={band} quiet />
            {t(`band.${band}`)}
          </li>
        ))}
      </ul>
      <span className="grow" />
      {asset.scanned < 1 && !asset.fetching && (
        <span className="pill accent num">{t("asset.scanned", { share: percent(asset.scanned) })}</span>
      )}
      {lanes.some((lane) => lane.group === "unknown") && (
        <span className="sm t2 row next-unknown">
          <KeyHint chord="N" />
          {t("timeline.nextUnknown")}
        </span>
      )}
      <Button
        look="ghost"
        small
        icon={<ZoomOut size={16} />}
        command="zoomOut"
        onClick={() => zoom.zoomBy(1 / STEP, player.mediaMs)}
      />
      <input
        type="range"
        className="zoom"
        aria-label={t("timeline.zoom")}
        min={0}
        max={1}
        step={0.01}
        value={at}
        style={{ "--at": `${at * 100}%` } as CSSProperties}
        onChange={(event) => zoom.zoomBy(Math.exp(Number(event.target.value) * most) / zoom.zoom, player.mediaMs)}
      />
      <Button
        look="ghost"
        small
        icon={<ZoomIn size={16} />}
        command="zoomIn"
        onClick={() => zoom.zoomBy(STEP, player.mediaMs)}
      />
      <Button look="ghost" small command="fit" showKey onClick={zoom.fit}>
        {t("timeline.fit")}
      </Button>
    </div>
  );
}
