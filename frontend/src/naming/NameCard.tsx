import { useQuery } from "@tanstack/react-query";
import { EyeOff, UserX } from "lucide-react";
import type { ReactNode, Ref } from "react";

import { unknownOptions } from "@/api/unknowns";
import type { Suggestion } from "@/api/types";
import { t } from "@/messages";
import { clock } from "@/time/timecode";
import { Button, Face } from "@/ui";

import { NameField, type Named, type NameFieldHandle } from "./NameField";
import "./naming.css";
import { unknownName } from "./unknownName";

const SHOWN_CROPS = 5;

type Props = {
  unknown: string;
  /** A picture to show until the unknown's own have come. */
  thumbnail: string | null;
  /** What to say of it here, before the library's numbers. */
  here?: ReactNode;
  suggestion: Suggestion | null;
  canEdit: boolean;
  onName: (named: Named) => void;
  onReject?: (() => void) | undefined;
  onIgnore: () => void;
  field?: Ref<NameFieldHandle>;
  large?: boolean;
};

/** An unknown face with its pictures, and the field that names it. */
export function NameCard({
  unknown,
  thumbnail,
  here,
  suggestion,
  canEdit,
  onName,
  onReject,
  onIgnore,
  field,
  large,
}: Props) {
  const { data } = useQuery(unknownOptions(unknown));
  const cover = data?.thumbnails[0] ?? thumbnail;
  const crops = data?.thumbnails.slice(1, 1 + SHOWN_CROPS) ?? [];
  const more = (data?.tracks ?? 0) - 1 - crops.length;
  return (
    <div className={`namecard ${suggestion ? "suggested" : ""} ${large ? "large" : ""}`}>
      <div className="namecard-head">
        <Face src={cover} size={large ? 88 : 64} />
        <div className="grow">
          <b className="b clip namefield-name" title={t("unknown.full", { key: unknown })}>
            {unknownName(unknown)}
          </b>
          <div className="sm t3 num namecard-stats">
            {here}
            {data &&
              !here &&
              t("name.stats", { time: clock(data.screen_time_ms), tracks: data.tracks, assets: data.assets })}
            {data && here && <span> · {t("name.videos", { count: data.assets })}</span>}
          </div>
          <div className="namecard-crops">
            {crops.map((src) => (
              <Face key={src} src={src} size={28} />
            ))}
            {more > 0 && (
              <span className="sm t3 num" title={t("name.pictures", { count: more })}>
                {t("library.castMore", { count: more })}
              </span>
            )}
          </div>
        </div>
      </div>
      {canEdit && (
        <>
          <NameField
            key={unknown}
            ref={field ?? null}
            who={unknownName(unknown)}
            suggestion={suggestion}
            onName={onName}
          />
          <div className="namecard-actions">
            {suggestion && onReject && (
              <Button small icon={<UserX size={14} />} command="reject" showKey onClick={onReject}>
                {t("name.notThisPerson")}
              </Button>
            )}
            <Button small icon={<EyeOff size={14} />} command="ignore" showKey onClick={onIgnore}>
              {t("name.ignore")}
            </Button>
          </div>
        </>
      )}
    </div>
  );
}
