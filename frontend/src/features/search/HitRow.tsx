import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Play } from "lucide-react";

import { personOptions } from "@/api/people";
import type { SearchHit } from "@/api/types";
import { t } from "@/messages";
import { roughLength } from "@/messages/format";
import { clock } from "@/time/timecode";
import { Face } from "@/ui";
import { Strip } from "@/ui/Strip";

const SHOWN_MOMENTS = 6;

type Moment = SearchHit["moments"][number];

/** Where several people are seen in the very same interval, one moment with all of them. */
function merged(moments: readonly Moment[]): Moment[] {
  const byTime = new Map<string, Moment>();
  for (const moment of moments) {
    const key = `${moment.start_ms}-${moment.end_ms}`;
    const before = byTime.get(key);
    byTime.set(key, before ? { ...before, people: [...new Set([...before.people, ...moment.people])] } : moment);
  }
  return [...byTime.values()];
}

/** Its face, from the query that the person's token above asked already. */
function Seen({ id }: { id: string }) {
  const { data } = useQuery(personOptions(id));
  return <Face src={data?.cover} size={18} round alt={data?.name ?? ""} />;
}

/** A video with the moments that match; each plays there. */
export function HitRow({ hit: { asset, moments: found } }: { hit: SearchHit }) {
  const moments = merged(found);
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
          stretches={moments.map((moment) => ({ ...moment, band: "found" as const }))}
          durationMs={asset.duration_ms ?? 0}
          label={t("search.moments", { count: moments.length })}
        />
        <ul className="moments">
          {moments.slice(0, SHOWN_MOMENTS).map(({ start_ms, end_ms, people }) => (
            <li key={`${start_ms}-${end_ms}`}>
              <Link
                to="/assets/$assetId"
                params={{ assetId: asset.id }}
                search={{ t: start_ms }}
                className="btn small num"
              >
                <Play size={12} aria-hidden />
                {t("search.moment", { at: clock(start_ms), length: roughLength(end_ms - start_ms) })}
                <span className="moment-people">
                  {people.map((id) => (
                    <Seen key={id} id={id} />
                  ))}
                </span>
              </Link>
            </li>
          ))}
          {more > 0 && <li className="sm t3 num">{t("search.moreMoments", { count: more })}</li>}
        </ul>
      </div>
    </li>
  );
}
