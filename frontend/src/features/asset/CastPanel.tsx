import { useRef, useState, type RefObject } from "react";

import { inProgress } from "@/api/assets";
import type { Asset } from "@/api/types";
import { t } from "@/messages";
import { NameCard } from "@/naming/NameCard";
import type { NameFieldHandle } from "@/naming/NameField";
import { SuggestionCard } from "@/naming/SuggestionCard";
import { clock } from "@/time/timecode";
import { Button, ErrorNotice, Face, Skeletons, StateMark, Tabs } from "@/ui";
import { VirtualGrid } from "@/ui/VirtualGrid";

import { AppearanceList } from "./AppearanceList";
import { laneName } from "./laneName";
import { bandOf, type Lane } from "./lanes";
import { PersonCard } from "./PersonCard";
import type { AssetView } from "./useAssetView";
import { suggestionOf, type Naming } from "./useNaming";

type Tab = "cast" | "unknown" | "review";
type Props = { view: AssetView; asset: Asset; naming: Naming; field: RefObject<NameFieldHandle | null> };

function CastRow({ lane, onSelect }: { lane: Lane; onSelect: () => void }) {
  return (
    <button type="button" className="cast-row" onClick={onSelect}>
      <Face src={lane.thumbnail} size={36} />
      <span className="grow">
        <span className="m clip namefield-name">{laneName(lane)}</span>
        <span className="sm t3 num clip namefield-name">
          {t("cast.row", { time: clock(lane.screenTimeMs), appearances: lane.appearances })}
        </span>
      </span>
      <StateMark band={bandOf(lane)} />
    </button>
  );
}

function Nobody({ tab, view, asset }: { tab: Tab; view: AssetView; asset: Asset }) {
  const first = view.lanes.find((lane) => lane.group === "unknown");
  const track = first?.tracks[0];
  if (inProgress(asset) && asset.scanned < 1)
    return <p className="cast-note t2">{t(asset.status === "queued" ? "cast.waiting" : "cast.scanning")}</p>;
  if (asset.status === "failed" && view.lanes.length === 0) return <p className="cast-note t2">{t("cast.failed")}</p>;
  if (view.lanes.length === 0) return <p className="cast-note t2">{t("cast.noFaces")}</p>;
  return (
    <div className="cast-note t2">
      <p>{t(tab === "cast" ? "cast.emptyCast" : tab === "unknown" ? "cast.emptyUnknown" : "cast.emptyReview")}</p>
      {tab === "cast" && first && track && (
        <Button small command="nextUnknown" showKey onClick={() => view.show(first, track)}>
          {t("cast.emptyCastAction")}
        </Button>
      )}
    </div>
  );
}

/** Who is in the video, beside the picture: the selected one with what can be said about it, then everybody. */
export function CastPanel({ view, asset, naming, field }: Props) {
  const { lanes, selected, select, show, tracks } = view;
  const [chosen, setChosen] = useState<{ tab: Tab; selected: string | undefined } | null>(null);
  const [listed, setListed] = useState<Lane | null>(null);
  const card = useRef<HTMLDivElement>(null);

  const named = lanes.filter((lane) => lane.group === "named");
  const unknown = lanes.filter((lane) => lane.group === "unknown");
  const review = unknown.filter((lane) => suggestionOf(lane) !== null);
  // A tab that was chosen holds until something else is selected, which shows where it belongs.
  const natural: Tab = selected
    ? selected.group === "named"
      ? "cast"
      : "unknown"
    : named.length > 0 || unknown.length === 0
      ? "cast"
      : "unknown";
  const stays =
    chosen &&
    (chosen.selected === selected?.key || (chosen.tab === "review" && selected !== null && review.includes(selected)));
  const tab = stays ? chosen.tab : natural;
  const shown = { cast: named, unknown, review }[tab];
  const others = shown.filter((lane) => lane !== selected);
  const suggestion = selected && suggestionOf(selected);

  return (
    <aside className="cast" aria-label={t("cast.region")}>
      <header className="cast-head">
        <Tabs
          label={t("cast.tabs")}
          panel="cast-panel"
          selected={tab}
          onSelect={(next) => setChosen({ tab: next, selected: selected?.key })}
          items={[
            { id: "cast", label: t("cast.cast"), count: named.length },
            { id: "unknown", label: t("cast.unknown"), count: unknown.length },
            { id: "review", label: t("cast.review"), count: review.length },
          ]}
        />
      </header>
      <div className="cast-list" id="cast-panel" role="tabpanel" data-scroll aria-label={t(`cast.${tab}`)}>
        {/* It outlives the change from an unknown to a person, and with it the focus. */}
        <div
          className="cast-card"
          tabIndex={-1}
          ref={card}
          role="group"
          aria-label={selected ? laneName(selected) : ""}
        >
          {selected?.group === "unknown" && selected.unknown && (
            <>
              <NameCard
                unknown={selected.unknown}
                thumbnail={selected.thumbnail}
                here={t("name.statsHere", { time: clock(selected.screenTimeMs), times: selected.appearances })}
                suggestion={suggestion}
                canEdit={naming.canEdit}
                field={field}
                onName={(whom) => {
                  card.current?.focus();
                  naming.name(selected, whom);
                }}
                onReject={naming.reject}
                onIgnore={naming.ignore}
              />
              {suggestion && (
                <SuggestionCard
                  suggestion={suggestion}
                  thumbnails={suggestion.tracks.map((track) => track.thumbnail)}
                  canEdit={naming.canEdit}
                  onYes={naming.confirm}
                  onNo={naming.reject}
                />
              )}
            </>
          )}
          {selected?.group === "named" && (
            <PersonCard lane={selected} view={view} naming={naming} field={field} onList={() => setListed(selected)} />
          )}
        </div>
        {tracks.isPending && <Skeletons count={4} height={40} className="cast-skeleton" />}
        {tracks.isError && <ErrorNotice error={tracks.error} onRetry={() => void tracks.refetch()} />}
        {others.length > 0 && (
          <VirtualGrid
            items={others}
            keyOf={({ key }) => key}
            label={t(`cast.${tab}`)}
            minWidth={Infinity}
            gap={0}
            rowHeight={46}
          >
            {(lane) => (
              <CastRow
                lane={lane}
                onSelect={() => {
                  const first = lane.tracks[0];
                  if (first && lane.group === "unknown") show(lane, first);
                  else select(lane);
                }}
              />
            )}
          </VirtualGrid>
        )}
        {tracks.isSuccess && shown.length === 0 && <Nobody tab={tab} view={view} asset={asset} />}
      </div>
      <AppearanceList lane={listed} view={view} onClose={() => setListed(null)} />
    </aside>
  );
}
