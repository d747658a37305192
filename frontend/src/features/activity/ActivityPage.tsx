import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import {
  Ban,
  Check,
  EyeOff,
  ImageIcon,
  ImagePlus,
  Merge,
  Pencil,
  Pin,
  PinOff,
  Redo2,
  Split,
  Trash2,
  Undo2,
  UserX,
  type LucideIcon,
} from "lucide-react";
import { useState } from "react";

import { decisionsOptions } from "@/api/decisions";
import type { Decision, Verdict } from "@/api/types";
import { Message, strong, t } from "@/messages";
import { ago, dateTime } from "@/messages/format";
import { aboutOf, undoerOf } from "@/naming/history";
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
  merge: Merge,
  split: Split,
  rename: Pencil,
  set_cover: ImageIcon,
  add_exemplar: Pin,
  remove_exemplar: PinOff,
  enrol: ImagePlus,
  delete_person: Trash2,
  undo: Undo2,
};

type Props = {
  decision: Decision;
  /** What an undo or redo was about in the end, where it is on the list, and which of the two it was. */
  about: { original: Decision; again: boolean } | undefined;
  undoer: string | undefined;
  now: number;
};

function What({ decision, about }: Pick<Props, "decision" | "about">) {
  const { person, active, reverts, verdict } = decision;
  if (reverts) {
    const { original, again } = about ?? { original: null, again: false };
    const values = { verdict: original?.verdict ?? "other", name: original?.person?.name ?? "", b: strong };
    return <Message id={again ? "verdict.redo" : "verdict.undo"} values={values} />;
  }
  const said = <Message id={`verdict.said.${verdict}`} values={{ name: person?.name ?? "none", b: strong }} />;
  if (!person || !active) return said;
  return (
    <Link to="/people/$personId" params={{ personId: person.id }}>
      {said}
    </Link>
  );
}

function Row({ decision, about, undoer, now }: Props) {
  const canEdit = useCanEdit();
  const { revert, busy } = useUndo();
  const { by, at, changed, to_review, active, reverts, cover } = decision;
  const Icon = reverts ? (about?.again ? Redo2 : Undo2) : ICONS[decision.verdict];
  const undone = !active;
  // An undo is taken back where the decision itself stands on the list: one button for each decision.
  const redo = undone && !reverts ? undoer : undefined;
  return (
    <li className={`decision ${undone ? "undone" : ""}`}>
      <Face src={cover} size={36} />
      <div className="grow">
        <div className="row">
          <Icon size={15} aria-hidden />
          <span className="clip">
            <What decision={decision} about={about} />
          </span>
          {undone && <span className="pill">{t("activity.undone")}</span>}
          {!!to_review && !undone && (
            <span className="pill suggested num">{t("activity.toReview", { count: to_review })}</span>
          )}
        </div>
        <div className="sm t3 num">
          <time dateTime={at} title={dateTime(at)}>
            {t("activity.by", { who: by, when: ago(at, now) })}
          </time>
        </div>
      </div>
      <span className="sm t2 num decision-effect">{changed && t("activity.changed", changed)}</span>
      {canEdit && (
        <span className="decision-action">
          {!undone && !reverts && (
            <Button
              small
              disabled={busy}
              icon={<Undo2 size={14} />}
              onClick={() => revert({ id: decision.id, as: "undo" })}
            >
              {t("activity.undo")}
            </Button>
          )}
          {redo && (
            <Button
              small
              look="ghost"
              disabled={busy}
              icon={<Redo2 size={14} />}
              onClick={() => revert({ id: redo, as: "redo" })}
            >
              {t("activity.redo")}
            </Button>
          )}
        </span>
      )}
    </li>
  );
}

export function ActivityPage() {
  const query = useInfiniteQuery({ ...decisionsOptions, refetchInterval: 15_000 });
  const decisions = query.data?.pages.flatMap((page) => page.results) ?? [];
  const undoers = undoerOf(decisions);
  const about = aboutOf(decisions);
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
              about={about.get(decision.id)}
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
