import { Link } from "@tanstack/react-router";
import { Check, List, UserX } from "lucide-react";
import { useEffect, useState, type RefObject } from "react";

import { t } from "@/messages";
import { percent } from "@/messages/format";
import { NameField, type NameFieldHandle } from "@/naming/NameField";
import { clock, timecodeAt } from "@/time/timecode";
import { Button, Face, StateMark } from "@/ui";

import { bandOf, type Lane } from "./lanes";
import type { AssetView } from "./useAssetView";
import type { Naming } from "./useNaming";

type Props = {
  lane: Lane;
  view: AssetView;
  naming: Naming;
  field: RefObject<NameFieldHandle | null>;
  onList: () => void;
};

/** The appearance in hand, kept up as the playhead moves from one to the next. */
function useTrackInHand({ player, trackInHand }: AssetView): ReturnType<AssetView["trackInHand"]> {
  const [, setId] = useState<string | null>(null);
  useEffect(() => player.onTime(() => setId(trackInHand()?.id ?? null)), [player, trackInHand]);
  return trackInHand();
}

/** The selected person, and what can be said about the appearance in hand. */
export function PersonCard({ lane, view, naming, field, onList }: Props) {
  const track = useTrackInHand(view);
  const { person } = lane;
  if (!person) return null;
  return (
    <div className="namecard">
      <div className="namecard-head">
        <Face src={lane.thumbnail} size={64} />
        <div className="grow">
          <div className="row">
            <Link
              to="/people/$personId"
              params={{ personId: person.id }}
              className="b clip person-link"
              title={t("person.open", { name: person.name })}
            >
              {person.name}
            </Link>
            <StateMark band={bandOf(lane)} />
          </div>
          <div className="sm t3 num">
            {t("cast.row", { time: clock(lane.screenTimeMs), appearances: lane.appearances })}
          </div>
          <Button look="link" icon={<List size={14} />} onClick={onList}>
            {t("person.list")}
          </Button>
        </div>
      </div>
      {track ? (
        <div className="in-hand">
          <Face src={track.thumbnail} size={36} />
          <div className="grow sm">
            <div className="num">{t("person.thisAppearance", { time: timecodeAt(track.start_ms, view.timecode) })}</div>
            <div className="t2 num">
              {t(`band.${track.band}`)}
              {track.band !== "confirmed" && track.confidence !== null && (
                <span> · {t("person.confidence", { share: percent(track.confidence) })}</span>
              )}
              {track.band !== "confirmed" && track.why && track.distance !== null && (
                <span> · {t("person.why", { model: track.why.model, distance: track.distance })}</span>
              )}
            </div>
          </div>
        </div>
      ) : (
        <p className="sm t2">{t("person.noTrack")}</p>
      )}
      {naming.canEdit && track && (
        <>
          <NameField
            key={track.id}
            ref={field}
            who={t("person.thisAppearance", { time: timecodeAt(track.start_ms, view.timecode) })}
            placeholder={t("person.nameOther")}
            onName={(whom) => naming.name(lane, whom)}
          />
          <div className="namecard-actions">
            {track.band !== "confirmed" && (
              <Button small icon={<Check size={14} />} command="confirm" showKey onClick={naming.confirm}>
                {t("name.confirm")}
              </Button>
            )}
            <Button small icon={<UserX size={14} />} command="reject" showKey onClick={naming.reject}>
              {t("name.notThisPerson")}
            </Button>
            <Button small command="notAFace" showKey onClick={naming.notAFace}>
              {t("name.notAFace")}
            </Button>
          </div>
        </>
      )}
    </div>
  );
}
