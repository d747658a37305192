import { ChevronDown, ChevronRight } from "lucide-react";
import { useState, type KeyboardEvent } from "react";

import { t } from "@/messages";
import { count } from "@/messages/format";
import { shortUnknownName, unknownName } from "@/naming/unknownName";
import { clock } from "@/time/timecode";
import { Face } from "@/ui";

import { AppearanceList } from "./AppearanceList";
import { laneName } from "./laneName";
import { bandOf, type Lane, type LaneGroup, type Row } from "./lanes";
import type { AssetView } from "./useAssetView";

/** The name, shorter where the column is narrow: what tells two unknowns apart comes last. */
function UnknownLabel({ id }: { id: string }) {
  return (
    <>
      <span className="lane-name-long">{unknownName(id)}</span>
      <span className="lane-name-short">{shortUnknownName(id)}</span>
    </>
  );
}

type Props = { view: AssetView; rows: readonly Row[]; all: readonly Row[]; onFold: (group: LaneGroup) => void };

/**
 * The lanes' labels, only those in view. They are the grid that a screen reader walks: a row for each person, Enter
 * opens the list of what the bars show.
 */
export function LaneLabels({ view, rows, all, onFold }: Props) {
  const { selected, select } = view;
  const [listed, setListed] = useState<Lane | null>(null);
  const lanes = all.filter((row) => row.kind === "lane");
  const stop = selected?.key ?? lanes[0]?.lane.key;

  const onKeyDown = (event: KeyboardEvent<HTMLElement>, lane: Lane): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const grid = event.currentTarget.closest("[role=grid]");
    if (step) {
      const next = lanes[lanes.findIndex((row) => row.lane === lane) + step];
      event.preventDefault();
      if (!next) return;
      select(next.lane);
      requestAnimationFrame(() =>
        grid?.querySelector<HTMLElement>(`[data-lane="${CSS.escape(next.lane.key)}"]`)?.focus(),
      );
    } else if (event.key === "Enter") {
      event.preventDefault();
      setListed(lane);
    }
  };

  return (
    <>
      <div role="grid" aria-label={t("timeline.lanes")} aria-rowcount={all.length}>
        {rows.map((row) =>
          row.kind === "group" ? (
            <div
              key={row.group}
              role="row"
              aria-rowindex={all.indexOf(row) + 1}
              className="lane-group"
              style={{ top: row.y, height: row.height }}
            >
              <span role="gridcell">
                <button type="button" aria-expanded={!row.folded} onClick={() => onFold(row.group)}>
                  {row.folded ? <ChevronRight size={14} aria-hidden /> : <ChevronDown size={14} aria-hidden />}
                  {t(`timeline.${row.group}`)}
                  <span className="m t3 num">{count(row.count)}</span>
                </button>
              </span>
            </div>
          ) : (
            // Its keys are those of a grid's row.

            <div
              key={row.lane.key}
              role="row"
              data-lane={row.lane.key}
              aria-rowindex={all.indexOf(row) + 1}
              aria-selected={row.lane === selected}
              tabIndex={row.lane.key === stop ? 0 : -1}
              className={`lane-label ${bandOf(row.lane)}`}
              style={{ top: row.y, height: row.height }}
              onClick={() => select(row.lane)}
              onKeyDown={(event) => onKeyDown(event, row.lane)}
            >
              <span role="gridcell" className="row grow">
                <Face src={row.lane.thumbnail} size={21} />
                <span className="sm m clip grow">
                  {row.lane.person || !row.lane.unknown ? laneName(row.lane) : <UnknownLabel id={row.lane.unknown} />}
                </span>
              </span>
              <span
                role="gridcell"
                className="xs t3 num"
                aria-label={t("timeline.laneTime", { time: clock(row.lane.screenTimeMs) })}
              >
                {clock(row.lane.screenTimeMs)}
              </span>
            </div>
          ),
        )}
      </div>
      <AppearanceList lane={listed} view={view} onClose={() => setListed(null)} />
    </>
  );
}
