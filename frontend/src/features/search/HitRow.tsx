import { Link } from "@tanstack/react-router";
import { Play } from "lucide-react";

import type { SearchHit } from "@/api/types";
import { t } from "@/messages";
import { roughLength } from "@/messages/format";
import { clock } from "@/time/timecode";
import { Strip } from "@/ui/Strip";

const SHOWN_MOMENTS = 6;

/** A video with the moments that match; each plays there. */
export function HitRow({ hit: { asset, moments } }: { hit: SearchHit }) {
  const more = moments.length - SHOWN_MOMENTS;
  return (
    <li className="hit">
      <Link
        to="/assets/$assetId"
        params={{ assetId: asset.id }}
        search={{ t: moments[0]?.start_ms ?? 0 }}
        className="hit-poster"
        tabIndex={-1}
        aria-hidden
      >
        {asset.poster && <img src={asset.poster} alt="" loading="lazy" />}
      </Link>
      <div className="grow">
        <div className="row">
          <Link
            to="/assets/$assetId"
            params={{ assetId: asset.id }}
            search={{ t: moments[0]?.start_ms ?? 0 }}
            className="m clip hit-title"
          >
            {asset.title}
          </Link>
          <span className="sm t3 num">{t("search.moments", { count: moments.length })}</span>
        </div>
        <Strip
          stretches={moments.map((moment) => ({ ...moment, band: "auto" as const }))}
          durationMs={asset.duration_ms ?? 0}
          label={t("search.moments", { count: moments.length })}
        />
        <ul className="moments">
          {moments.slice(0, SHOWN_MOMENTS).map(({ start_ms, end_ms }) => (
            <li key={start_ms}>
              <Link
                to="/assets/$assetId"
                params={{ assetId: asset.id }}
                search={{ t: start_ms }}
                className="btn small num"
              >
                <Play size={12} aria-hidden />
                {t("search.moment", { at: clock(start_ms), length: roughLength(end_ms - start_ms) })}
              </Link>
            </li>
          ))}
          {more > 0 && <li className="sm t3 num">{t("search.moreMoments", { count: more })}</li>}
        </ul>
      </div>
    </li>
  );
}
