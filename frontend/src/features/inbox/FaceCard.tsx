import { Check } from "lucide-react";
import { useState } from "react";

import { t } from "@/messages";
import { ago, percent } from "@/messages/format";
import { shortUnknownName } from "@/naming/unknownName";
import { clock } from "@/time/timecode";
import { Face } from "@/ui";

import type { Card } from "./cards";

const SMALL = 3;

export function FaceCard({
  card: { unknown, gone },
  selected,
  onSelect,
}: {
  card: Card;
  selected: boolean;
  onSelect: () => void;
}) {
  const [now] = useState(() => Date.now());
  const [cover, ...others] = unknown.thumbnails;
  return (
    <button
      type="button"
      data-card={unknown.key}
      className={`face-card ${gone ? "gone" : ""}`}
      aria-pressed={selected}
      disabled={gone}
      onClick={onSelect}
    >
      <span className={`face-mosaic ${others.length === 0 ? "single" : ""}`}>
        <Face src={cover} size={112} />
        {others.length > 0 && (
          <span>
            {others.slice(0, SMALL).map((src) => (
              <Face key={src} src={src} size={36} />
            ))}
          </span>
        )}
      </span>
      <span className="row">
        <span className="m clip grow">{shortUnknownName(unknown.key)}</span>
        {gone && (
          <span className="pill confirmed">
            <Check size={12} aria-hidden />
            {t("inbox.named")}
          </span>
        )}
      </span>
      <span className="row">
        {unknown.suggestion && !gone ? (
          <>
            <span className="xs face-suggestion grow clip">
              {t("inbox.maybe", { name: unknown.suggestion.person.name })}
            </span>
            <span className="xs face-suggestion num">{percent(unknown.suggestion.confidence)}</span>
          </>
        ) : (
          <>
            <span className="xs t3 num grow clip">
              {t("inbox.card", { time: clock(unknown.screen_time_ms), assets: unknown.assets })}
            </span>
            <span className="xs t3 num">{ago(unknown.last_seen, now)}</span>
          </>
        )}
      </span>
    </button>
  );
}
