import { useInfiniteQuery, useQueryClient, type InfiniteData } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";

import { unknownsOptions } from "@/api/unknowns";
import type { DecisionRequest, Page, PersonRef, Unknown } from "@/api/types";
import { commandOf, type CommandId } from "@/keys/commands";
import { useCommand } from "@/keys/useCommand";
import { t } from "@/messages";
import { count } from "@/messages/format";
import type { Named, NameFieldHandle } from "@/naming/NameField";
import { useDecide } from "@/naming/useDecide";
import { Button, Empty, ErrorNotice, KeyHint, More, Skeletons } from "@/ui";
import { Top } from "@/ui/Top";
import { useCanEdit } from "@/ui/useCanEdit";
import { VirtualGrid } from "@/ui/VirtualGrid";

import { keepPlaces, nextWaiting, type Card } from "./cards";
import { FaceCard } from "./FaceCard";
import { FaceDetail } from "./FaceDetail";
import "./inbox.css";
import { UNKNOWN_SORTS } from "./search";

/** Keeps the cards where they are while the list behind them changes; a longer list brings newcomers. */
function useCards(data: InfiniteData<Page<Unknown>> | undefined): {
  cards: readonly Card[];
  newcomers: number;
  admit: () => void;
} {
  const [cards, setCards] = useState<readonly Card[]>([]);
  const [seen, setSeen] = useState<{ data: typeof data; pages: number }>({ data: undefined, pages: 0 });
  const listed = useMemo(() => data?.pages.flatMap((page) => page.results) ?? [], [data]);
  if (data !== seen.data) {
    const pages = data?.pages.length ?? 0;
    setSeen({ data, pages });
    setCards(keepPlaces(cards, listed, pages > seen.pages || cards.length === 0));
  }
  const known = new Set(cards.map(({ unknown }) => unknown.key));
  return {
    cards,
    newcomers: listed.filter(({ key }) => !known.has(key)).length,
    admit: () => setCards(keepPlaces([], listed, true)),
  };
}

const KEYS: readonly CommandId[] = ["nextUnknown", "name", "confirm", "reject", "ignore", "undo"];

/** What an editor's hands need here, under the cards. */
function KeyBar() {
  return (
    <ul className="inbox-keys sm t2" aria-label={t("help.title")}>
      {KEYS.map((id) => (
        <li key={id} className="row">
          <KeyHint chord={commandOf(id).keys[0] ?? ""} />
          {t(commandOf(id).label)}
        </li>
      ))}
    </ul>
  );
}

/** The unknown faces of the whole library, most screen time first: naming one moves on to the next. */
export function InboxPage() {
  const { sort = "screen_time" } = useSearch({ from: "/inbox" });
  return <Inbox key={sort} />;
}

function Inbox() {
  const { sort = "screen_time", sel } = useSearch({ from: "/inbox" });
  const navigate = useNavigate({ from: "/inbox" });
  const client = useQueryClient();
  const canEdit = useCanEdit();
  const decide = useDecide();
  const query = useInfiniteQuery(unknownsOptions(sort));
  const { cards, newcomers, admit } = useCards(query.data);
  const [named, setNamed] = useState(0);
  const field = useRef<NameFieldHandle>(null);
  const list = useRef<HTMLElement>(null);

  const waiting = cards.filter((card) => !card.gone);
  const selected = (cards.find(({ unknown, gone }) => unknown.key === sel && !gone) ?? waiting[0])?.unknown ?? null;

  const select = (unknown: Unknown | null): void => {
    void navigate({
      search: (before) => ({ ...before, ...(unknown ? { sel: unknown.key } : {}) }),
      replace: true,
      resetScroll: false,
    });
  };

  // Where a card has the focus it goes with the selection: only one card looks chosen.
  const selectedKey = selected?.key;
  useEffect(() => {
    const focused = document.activeElement;
    if (!selectedKey || !(focused instanceof HTMLElement) || !focused.dataset["card"]) return undefined;
    const frame = requestAnimationFrame(() =>
      list.current?.querySelector<HTMLElement>(`[data-card="${selectedKey}"]`)?.focus({ preventScroll: true }),
    );
    return () => cancelAnimationFrame(frame);
  }, [selectedKey]);

  const say = (request: DecisionRequest, person: PersonRef | null, andMoveOn: boolean): void => {
    if (!canEdit || !selected) return;
    const next = andMoveOn ? nextWaiting(cards, selected.key) : null;
    decide.mutate(
      { request, person },
      {
        onSuccess: () => {
          if (request.verdict === "is") setNamed((before) => before + 1);
          void client.invalidateQueries({ queryKey: ["unknowns"] });
        },
      },
    );
    if (next) select(next);
  };
  const name = (whom: Named): void => {
    if (!selected) return;
    const person = "person" in whom ? whom.person : null;
    say(
      {
        verdict: "is",
        unknown: selected.key,
        ...("person" in whom ? { person: whom.person.id } : { name: whom.name }),
      },
      person,
      true,
    );
    // The focus goes on to the next card, where Enter names and U undoes.
    const next = nextWaiting(cards, selected.key)?.key;
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(`[data-card="${next ?? ""}"]`)?.focus());
  };
  const confirm = (): void => {
    if (selected?.suggestion)
      say(
        { verdict: "is", unknown: selected.key, person: selected.suggestion.person.id },
        selected.suggestion.person,
        true,
      );
  };
  const reject = (tracks: readonly string[]): void => {
    if (selected?.suggestion && tracks.length > 0)
      say({ verdict: "is_not", tracks: [...tracks], person: selected.suggestion.person.id }, null, false);
  };
  const ignore = (): void => {
    if (selected) say({ verdict: "ignore", unknown: selected.key }, null, true);
  };
  const step = (by: 1 | -1): void => {
    const at = waiting.findIndex(({ unknown }) => unknown.key === selected?.key);
    const next = waiting[at + by];
    if (next) select(next.unknown);
  };
  useCommand("nextLane", () => step(1));
  useCommand("previousLane", () => step(-1));
  useCommand("nextUnknown", () => step(1));
  useCommand("previousUnknown", () => step(-1));
  useCommand("name", () => field.current?.focus(), canEdit && selected !== null);
  useCommand("confirm", confirm, canEdit);
  useCommand("ignore", ignore, canEdit);

  return (
    <div className="inbox">
      <Top title={t("inbox.title")} />
      <section className="inbox-list" aria-labelledby="inbox-heading" ref={list}>
        <header className="inbox-head">
          <div className="grow">
            <h1 id="inbox-heading" className="num">
              {query.isSuccess && !query.hasNextPage && waiting.length > 0
                ? t("inbox.headingAll", { count: waiting.length })
                : t("inbox.heading")}
            </h1>
            <p className="t2">{t("inbox.intro")}</p>
          </div>
          {named > 0 && (
            <p className="sm t2 num">
              {t("inbox.session")} <strong>{count(named)}</strong>
            </p>
          )}
          {newcomers > 0 && (
            <Button small onClick={admit}>
              {t("inbox.refresh", { count: newcomers })}
            </Button>
          )}
          <select
            className="btn small"
            aria-label={t("inbox.sort")}
            value={sort}
            onChange={(event) =>
              void navigate({
                search: { sort: UNKNOWN_SORTS.find((known) => known === event.target.value) ?? "screen_time" },
                replace: true,
              })
            }
          >
            {UNKNOWN_SORTS.map((known) => (
              <option key={known} value={known}>
                {t(`inbox.sort.${known}`)}
              </option>
            ))}
          </select>
        </header>
        <div className="inbox-scroll" data-scroll>
          {query.isPending && <Skeletons count={10} height={172} className="face-grid" />}
          {query.isError && <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />}
          {query.isSuccess && cards.length === 0 && newcomers === 0 && (
            <Empty text={t("inbox.empty")}>
              <Link to="/" className="btn primary">
                {t("inbox.emptyAction")}
              </Link>
            </Empty>
          )}
          {cards.length > 0 && (
            <VirtualGrid
              items={cards}
              keyOf={({ unknown }) => unknown.key}
              label={t("inbox.grid")}
              minWidth={172}
              gap={12}
              rowHeight={172}
              reveal={cards.findIndex(({ unknown }) => unknown === selected)}
            >
              {(card) => (
                <FaceCard
                  card={card}
                  selected={card.unknown === selected}
                  onSelect={() => (card.unknown === selected ? field.current?.focus() : select(card.unknown))}
                />
              )}
            </VirtualGrid>
          )}
          <More query={query} />
        </div>
        {canEdit && cards.length > 0 && <KeyBar />}
      </section>
      <aside className="inbox-detail" aria-label={t("inbox.detail")}>
        {selected ? (
          <FaceDetail
            key={selected.key}
            unknown={selected}
            canEdit={canEdit}
            field={field}
            onName={name}
            onConfirm={confirm}
            onReject={reject}
            onIgnore={ignore}
          />
        ) : (
          query.isSuccess && cards.length > 0 && <p className="t2">{t("inbox.choose")}</p>
        )}
      </aside>
    </div>
  );
}
