import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Search, UserPlus } from "lucide-react";
import { useEffect, useState } from "react";

import { createPerson, peopleOptions } from "@/api/people";
import { t } from "@/messages";
import { roughLength } from "@/messages/format";
import { Button, Empty, ErrorNotice, Face, More, NoMatch, Skeletons } from "@/ui";
import { Top } from "@/ui/Top";
import { useCanEdit } from "@/ui/useCanEdit";
import { VirtualGrid } from "@/ui/VirtualGrid";

import { NameDialog } from "./NameDialog";
import "./people.css";
import { PEOPLE_SORTS } from "./search";

export function PeoplePage() {
  const filters = useSearch({ from: "/people" });
  const navigate = useNavigate({ from: "/people" });
  const go = useNavigate();
  const canEdit = useCanEdit();
  const [creating, setCreating] = useState(false);
  const [typed, setTyped] = useState(filters.q ?? "");
  const query = useInfiniteQuery(peopleOptions({ sort: "screen_time", ...filters }));
  const people = query.data?.pages.flatMap((page) => page.results) ?? [];

  useEffect(() => {
    const q = typed.trim();
    if (q === (filters.q ?? "")) return undefined;
    const timer = setTimeout(
      () =>
        void navigate({
          search: (before) => ({ ...(before.sort && { sort: before.sort }), ...(q && { q }) }),
          replace: true,
        }),
      200,
    );
    return () => clearTimeout(timer);
  }, [typed, filters.q, navigate]);

  return (
    <div className="page" data-scroll>
      <Top title={t("people.title")} />
      <div className="page-head">
        <h1 className="grow">{t("people.title")}</h1>
        <div className="searchfield people-filter">
          <Search size={15} aria-hidden />
          <input
            className="input"
            type="search"
            aria-label={t("people.filter")}
            placeholder={t("people.filter")}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        </div>
        <select
          className="btn"
          aria-label={t("people.sort")}
          value={filters.sort ?? "screen_time"}
          onChange={(event) => {
            const sort = PEOPLE_SORTS.find((known) => known === event.target.value);
            void navigate({ search: { ...(filters.q && { q: filters.q }), ...(sort && { sort }) }, replace: true });
          }}
        >
          {PEOPLE_SORTS.map((sort) => (
            <option key={sort} value={sort}>
              {t(`people.sort.${sort}`)}
            </option>
          ))}
        </select>
        {canEdit && (
          <Button icon={<UserPlus size={16} />} onClick={() => setCreating(true)}>
            {t("people.new")}
          </Button>
        )}
      </div>
      {query.isPending && <Skeletons count={12} height={216} className="people-grid" />}
      {query.isError && <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess &&
        people.length === 0 &&
        (filters.q ? (
          <NoMatch q={filters.q} onClear={() => setTyped("")} />
        ) : (
          <Empty text={t("people.empty")}>
            <Link to="/inbox" className="btn primary">
              {t("people.emptyAction")}
            </Link>
          </Empty>
        ))}
      {people.length > 0 && (
        <VirtualGrid
          items={people}
          keyOf={({ id }) => id}
          label={t("people.list")}
          minWidth={152}
          gap={12}
          rowHeight={216}
        >
          {(person) => (
            <Link to="/people/$personId" params={{ personId: person.id }} className="person-card">
              <Face src={person.cover} size={160} className="person-cover" />
              <b className="m clip">{person.name}</b>
              <span className="xs t3 num clip">
                {t("people.card", { time: roughLength(person.screen_time_ms), assets: person.assets })}
              </span>
              {person.to_review > 0 && (
                <span className="pill suggested num">{t("people.toReview", { count: person.to_review })}</span>
              )}
            </Link>
          )}
        </VirtualGrid>
      )}
      <More query={query} />
      <NameDialog
        title={t("people.new")}
        action={t("people.create")}
        open={creating}
        onClose={() => setCreating(false)}
        save={createPerson}
        onSaved={(person) => void go({ to: "/people/$personId", params: { personId: person.id } })}
      />
    </div>
  );
}
