import type { Track } from "@/api/types";
import { t } from "@/messages";
import { percent, roughLength } from "@/messages/format";
import { timecodeAt } from "@/time/timecode";
import { Face } from "@/ui";

import { laneName } from "./laneName";
import type { Lane } from "./lanes";
import type { AssetView } from "./useAssetView";

/** What the pointer rests on; the card's tip is at (clientX, clientY). */
export type Hover = { lane: Lane; track: Track; clientX: number; clientY: number };

const WIDTH = 240;
const MARGIN = 8;

export function HoverCard({ hover, view }: { hover: Hover; view: AssetView }) {
  const { lane, track, clientX, clientY } = hover;
  const middle = WIDTH / 2 + MARGIN;
  const left = Math.max(middle, Math.min(clientX, window.innerWidth - middle));
  return (
    <div className="hover-card" aria-hidden style={{ left, top: clientY, width: WIDTH }}>
      <Face src={track.thumbnail} size={56} />
      <div className="sm">
        <div className="m clip">{laneName(lane)}</div>
        <div className="t2 num">
          {t("timeline.hover", {
            at: timecodeAt(track.start_ms, view.timecode),
            length: roughLength(track.end_ms - track.start_ms),
          })}
        </div>
        {track.suggestion ? (
          <div className="hover-suggestion num">
            {t("timeline.hoverSuggestion", {
              name: track.suggestion.person.name,
              share: percent(track.suggestion.confidence),
            })}
          </div>
        ) : (
          <div className="t3">{t(`band.${track.band}`)}</div>
        )}
      </div>
    </div>
  );
}
