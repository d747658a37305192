import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Ban, Check, EyeOff, Trash2, Undo2, UserX, type LucideIcon } from "lucide-react";
import { useState } from "react";

import { decisionsOptions } from "@/api/decisions";
import type { Decision, Verdict } from "@/api/types";
import { Message, strong, t } from "@/messages";
import { ago, dateTime } from "@/messages/format";
import { undoerOf } from "@/naming/history";
import { useUndo } from "@/naming/useDecide";
import { Button, Empty, ErrorNotice, Face, More, Skeletons } from "@/ui";
import { Top } from "@/ui/Top";
import { useCanEdit } from "@/ui/useCanEdit";

import "./activity.css";

const ICONS: Record<Verdict, LucideIcon> = {
  is: Check,
  is_not: UserX,
  ignore: EyeOff,
  not_a_face: Ban,
  delete_person: Trash2,
  undo: Undo2,
};

type Props = { decision: Decision; reverted: Decision | undefined; undoer: string | undefined; now: number };

function Row({ decision, reverted, undoer, now }: Props) {
  const canEdit = useCanEdit();
  const { revert, busy } = useUndo();
  const verdict = decision.reverts ? "undo" : decision.verdict;
  const Icon = ICONS[verdict];
  const { person, by, at, changed, to_review, active } = decision;
  const undone = !active;
  const unnamed = reverted?.verdict === "is" && reverted.reverts === null ? reverted.person : null;
  return (
    <li className={`decision ${undone ? "undone" : ""}`}>
      <Face src={decision.cover} size={36} />
      <div className="grow">
        <div className="row">
          <Icon size={15} aria-hidden />
          <span className="clip">
            {unnamed ? (
              <Message id="verdict.undoIs" values={{ name: unnamed.name, b: strong }} />
            ) : person && active && !decision.reverts ? (
              <Link to="/people/$personId" params={{ personId: person.id }}>
                <Message id={`verdict.${verdict}`} values={{ name: person.name, b: strong }} />
              </Link>
            ) : (
              <Message id={`verdict.${verdict}`} values={{ name: person?.name ?? "", b: strong }} />
            )}
          </span>
          {undone && <span className="pill">{t("activity.undone")}</span>}
          {to_review > 0 && !undone && (
            <span className="pill suggested num">{t("activity.toReview", { count: to_review })}</span>
          )}
        </div>
        <div className="sm t3 num">
          <time dateTime={at} title={dateTime(at)}>
            {t("activity.by", { who: by, when: ago(at, now) })}
          </time>
        </div>
      </div>
      <span className="sm t2 num decision-effect">{t("activity.changed", changed)}</span>
      {canEdit && !undone && (
        <Button
          small
          disabled={busy}
          icon={<Undo2 size={14} />}
          onClick={() => revert({ id: decision.id, as: decision.reverts ? "redo" : "undo" })}
        >
          {decision.reverts ? t("activity.redo") : t("activity.undo")}
        </Button>
      )}
      {canEdit && undone && undoer && !decision.reverts && (
        <Button small look="ghost" disabled={busy} onClick={() => revert({ id: undoer, as: "redo" })}>
          {t("activity.redo")}
        </Button>
      )}
    </li>
  );
}

export function ActivityPage() {
  const query = useInfiniteQuery({ ...decisionsOptions, refetchInterval: 15_000 });
  const decisions = query.data?.pages.flatMap((page) => page.results) ?? [];
  const undoers = undoerOf(decisions);
  const byId = new Map(decisions.map((decision) => [decision.id, decision]));
  const [now] = useState(() => Date.now());
  return (
    <div className="page activity">
      <Top title={t("activity.title")} />
      <div className="page-head">
        <div>
          <h1>{t("activity.title")}</h1>
          <p className="t2">{t("activity.intro")}</p>
        </div>
      </div>
      {query.isPending && <Skeletons count={6} height={56} className="activity-skeleton" />}
      {query.isError && <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && decisions.length === 0 && (
        <Empty text={t("activity.empty")}>
          <Link to="/inbox" className="btn primary">
            {t("activity.emptyAction")}
          </Link>
        </Empty>
      )}
      {decisions.length > 0 && (
        <ul className="panel" aria-label={t("activity.list")}>
          {decisions.map((decision) => (
            <Row
              key={decision.id}
              decision={decision}
              reverted={byId.get(decision.reverts ?? "")}
              undoer={undoers.get(decision.id)}
              now={now}
            />
          ))}
        </ul>
      )}
      <More query={query} />
    </div>
  );
}
