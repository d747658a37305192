import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Pencil, Users } from "lucide-react";
import { useState, type ReactNode } from "react";

import { renamePerson, personAppearancesOptions, personOptions } from "@/api/people";
import type { Band, Person, PersonAppearances } from "@/api/types";
import { t } from "@/messages";
import { count, date, roughLength } from "@/messages/format";
import { clock } from "@/time/timecode";
import { Button, Empty, ErrorNotice, Face, isGone, More, Skeletons, StateMark } from "@/ui";
import { Strip } from "@/ui/Strip";
import { Top } from "@/ui/Top";
import { useCanEdit } from "@/ui/useCanEdit";

import { Exemplars } from "./Exemplars";
import { NameDialog } from "./NameDialog";
import "./people.css";

const LEGEND: readonly Band[] = ["confirmed", "auto", "suggested"];

/** Only perhaps this person: counted apart until somebody says so. */
const isToReview = ({ band }: { band: Band }): boolean => band === "suggested";

function Stat({ value, label }: { value: ReactNode; label: string }) {
  return (
    <div className="stat">
      <dd>{value}</dd>
      <dt className="sm t3">{label}</dt>
    </div>
  );
}

function Video({ person, seen }: { person: Person; seen: PersonAppearances }) {
  const { asset, appearances, screen_time_ms } = seen;
  const review = appearances.filter(isToReview).length;
  const sure = appearances.length - review;
  return (
    <li>
      <Link
        to="/assets/$assetId"
        params={{ assetId: asset.id }}
        search={{ sel: `person:${person.id}`, t: appearances[0]?.start_ms ?? 0 }}
        className="seen"
      >
        <span className="seen-poster">{asset.poster && <img src={asset.poster} alt="" loading="lazy" />}</span>
        <span className="grow">
          <span className="row">
            <b className="m clip seen-title">{asset.title}</b>
            {review > 0 && <span className="pill suggested num">{t("person.reviewHere", { count: review })}</span>}
          </span>
          <span className="sm t3 num seen-line">{t("person.inVideo", { count: sure })}</span>
          <Strip
            stretches={appearances}
            durationMs={asset.duration_ms ?? 0}
            label={t("person.strip", { name: person.name })}
          />
        </span>
        <span className="seen-time num">
          {sure > 0 && (
            <>
              <b>{clock(screen_time_ms)}</b>
              <span className="xs t3">{t("person.onScreen")}</span>
            </>
          )}
        </span>
      </Link>
    </li>
  );
}

export function PersonPage() {
  const { personId } = useParams({ from: "/people/$personId" });
  const query = useQuery(personOptions(personId));
  const videos = useInfiniteQuery(personAppearancesOptions(personId));
  const canEdit = useCanEdit();
  const [renaming, setRenaming] = useState(false);
  const above = <Link to="/people">{t("people.title")}</Link>;
  if (query.isError) {
    return (
      <div className="page">
        <Top title={t(isGone(query.error) ? "person.gone" : "person.failed")} above={above} />
        {isGone(query.error) ? (
          <Empty text={t("person.goneDetail")}>
            <Link to="/people" className="btn primary">
              {t("person.goneAction")}
            </Link>
          </Empty>
        ) : (
          <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
        )}
      </div>
    );
  }
  const person = query.data;
  if (!person) return <Skeletons count={3} height={120} className="page person-skeleton" />;
  const seen = videos.data?.pages.flatMap((page) => page.results) ?? [];
  // Only a list that is here to its end can be counted.
  const appearances =
    videos.isSuccess && !videos.hasNextPage
      ? seen.reduce((sum, one) => sum + one.appearances.filter((each) => !isToReview(each)).length, 0)
      : null;
  return (
    <div className="person-page">
      <Top title={person.name} above={above} />
      <header className="person-head">
        <Face src={person.cover} size={104} />
        <div className="grow">
          <div className="row">
            <h1 className="person-name clip">{person.name}</h1>
            {canEdit && (
              <Button
                look="ghost"
                small
                icon={<Pencil size={16} />}
                label={t("person.rename")}
                onClick={() => setRenaming(true)}
              />
            )}
          </div>
          <p className="t2">
            {person.description}
            {person.aliases.length > 0 && (
              <span className="t3"> {t("person.also", { names: person.aliases.join(", ") })}</span>
            )}
          </p>
          <dl className="stats num">
            {appearances !== null && (
              <Stat value={count(appearances)} label={t("person.stat.appearances", { count: appearances })} />
            )}
            <Stat value={count(person.assets)} label={t("person.stat.videos", { count: person.assets })} />
            <Stat value={roughLength(person.screen_time_ms)} label={t("person.stat.onScreen")} />
            <Stat value={date(person.created)} label={t("person.stat.added")} />
          </dl>
        </div>
        <Link to="/search" search={{ all: [person.id] }} className="btn">
          <Users size={16} aria-hidden />
          {t("person.together")}
        </Link>
      </header>
      <div className="person-body">
        <section aria-labelledby="appearances">
          <div className="row person-section">
            <h2 id="appearances" className="grow">
              {t("person.appearances")}
            </h2>
            {LEGEND.map((band) => (
              <span key={band} className="row sm t2">
                <StateMark band={band} quiet />
                {t(`band.${band}`)}
              </span>
            ))}
          </div>
          {videos.isPending && <Skeletons count={4} height={76} className="person-skeleton" />}
          {videos.isError && <ErrorNotice error={videos.error} onRetry={() => void videos.refetch()} />}
          {videos.isSuccess && seen.length === 0 && (
            <p className="panel person-note t2">{t("person.noAppearances", { name: person.name })}</p>
          )}
          {seen.length > 0 && (
            <ul className="panel seen-list">
              {seen.map((one) => (
                <Video key={one.asset.id} person={person} seen={one} />
              ))}
            </ul>
          )}
          <More query={videos} />
        </section>
        <Exemplars person={person} />
      </div>
      <NameDialog
        title={t("person.rename")}
        action={t("person.save")}
        initial={person.name}
        open={renaming}
        onClose={() => setRenaming(false)}
        save={(name, sameName) => renamePerson(person.id, name, sameName)}
        onSaved={() => undefined}
      />
    </div>
  );
}
