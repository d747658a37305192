import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";

import { peopleOptions } from "@/api/people";
import { isEmptySearch, searchOptions } from "@/api/search";
import { t } from "@/messages";
import { PersonPicker } from "@/naming/PersonPicker";
import { Empty, ErrorNotice, Face, More, Skeletons } from "@/ui";
import { Top } from "@/ui/Top";

import { HitRow } from "./HitRow";
import { TOGETHER, type SearchParams, type Together } from "./search";
import "./search.css";
import { MODES, Token, type Mode } from "./Token";

const SHOWN_PEOPLE = 24;

/** Those who are seen most: a search begins with one of them. */
function Start({ onPick }: { onPick: (id: string) => void }) {
  const query = useInfiniteQuery(peopleOptions({ sort: "screen_time" }));
  const people = query.data?.pages[0]?.results.slice(0, SHOWN_PEOPLE) ?? [];
  if (query.isPending) return <Skeletons count={1} height={32} className="search-skeleton" />;
  if (query.isError) return <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />;
  if (people.length === 0) {
    return (
      <Empty text={t("people.empty")}>
        <Link to="/inbox" className="btn primary">
          {t("people.emptyAction")}
        </Link>
      </Empty>
    );
  }
  return (
    <section aria-labelledby="start">
      <h2 id="start" className="search-start">
        {t("search.start")}
      </h2>
      <ul className="people-picks">
        {people.map(({ id, name, cover, assets }) => (
          <li key={id}>
            <button type="button" className="people-pick" onClick={() => onPick(id)}>
              <Face src={cover} size={36} />
              <span className="grow">
                <b className="m clip">{name}</b>
                <span className="xs t3 num">{t("name.videos", { count: assets })}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Videos by who is in them: all of these, any of those, without them, together or not. */
export function SearchPage() {
  const params = useSearch({ from: "/search" });
  const navigate = useNavigate({ from: "/search" });
  const [mode, setMode] = useState<Mode>("all");
  const wanted = {
    all: params.all ?? [],
    any: params.any ?? [],
    none: params.none ?? [],
    togetherWithinMs: params.together ?? null,
  };
  const query = useInfiniteQuery({ ...searchOptions(wanted), enabled: !isEmptySearch(wanted) });
  const hits = query.data?.pages.flatMap((page) => page.results) ?? [];

  const change = (next: SearchParams): void => {
    void navigate({
      search: Object.fromEntries(
        Object.entries(next).filter(([, value]) => value !== undefined && (!Array.isArray(value) || value.length > 0)),
      ),
      replace: true,
    });
  };
  const remove = (from: Mode, id: string): void =>
    change({ ...params, [from]: wanted[from].filter((one) => one !== id) });
  const add = (id: string): void => {
    const without = Object.fromEntries(MODES.map((each) => [each, wanted[each].filter((one) => one !== id)]));
    change({ ...params, ...without, [mode]: [...(without[mode] ?? []), id] });
  };
  const readTogether = (text: string): Together | undefined =>
    TOGETHER.find((known) => text !== "" && known === Number(text));

  return (
    <div className="page searchpage">
      <Top title={t("search.title")} />
      <h1>{t("search.heading")}</h1>
      <p className="t2">{t("search.intro")}</p>
      <div className="query panel">
        {MODES.flatMap((each) =>
          wanted[each].map((id) => (
            <Token key={`${each}${id}`} mode={each} id={id} onRemove={() => remove(each, id)} />
          )),
        )}
        <select
          className="btn small"
          aria-label={t("search.mode")}
          value={mode}
          onChange={(event) => setMode(MODES.find((each) => each === event.target.value) ?? "all")}
        >
          {MODES.map((each) => (
            <option key={each} value={each}>
              {t(`search.mode.${each}`)}
            </option>
          ))}
        </select>
        <PersonPicker label={t("search.field")} onPick={(person) => add(person.id)} />
        <label className="row sm t2 together">
          {t("search.together")}
          <select
            className="btn small"
            value={params.together ?? ""}
            onChange={(event) => {
              const together = readTogether(event.target.value);
              change({
                ...(params.all && { all: params.all }),
                ...(params.any && { any: params.any }),
                ...(params.none && { none: params.none }),
                ...(together !== undefined && { together }),
              });
            }}
          >
            <option value="">{t("search.together.any")}</option>
            {TOGETHER.map((ms) => (
              <option key={ms} value={ms}>
                {t(`search.together.${ms}`)}
              </option>
            ))}
          </select>
        </label>
      </div>
      {isEmptySearch(wanted) && <Start onPick={add} />}
      {query.isLoading && <Skeletons count={4} height={76} className="search-skeleton" />}
      {query.isError && <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && !isEmptySearch(wanted) && hits.length === 0 && <Empty text={t("search.none")} />}
      {hits.length > 0 && (
        <ul className="panel hits" aria-label={t("search.results")}>
          {hits.map((hit) => (
            <HitRow key={hit.asset.id} hit={hit} />
          ))}
        </ul>
      )}
      <More query={query} />
    </div>
  );
}
