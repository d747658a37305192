import { CircleAlert, CircleCheck, X } from "lucide-react";
import { useEffect, useRef, useState, type ReactNode } from "react";

import { ApiError } from "@/api/client";
import type { Decision } from "@/api/types";
import { Message, strong, t } from "@/messages";
import { ago } from "@/messages/format";
import { Button, ErrorNotice } from "@/ui";

import "./naming.css";
import { dismissToast, useToast, type Toast } from "./toasts";
import { useDecide, useUndo } from "./useDecide";

/** How long a message stays after focus and pointer have left it. */
const STAY_MS = 10_000;

function Effect({ decision, redone }: { decision: Decision; redone: boolean }): ReactNode {
  const values = { ...decision.changed, name: decision.person?.name ?? "", b: strong };
  if (redone) return <Message id="toast.redone" values={values} />;
  if (decision.reverts) return <Message id="toast.undone" values={values} />;
  if (decision.verdict === "is" && decision.person) return <Message id="toast.named" values={values} />;
  if (decision.verdict === "is_not" && decision.person) return <Message id="toast.notPerson" values={values} />;
  if (decision.verdict === "ignore") return <Message id="toast.ignored" values={values} />;
  if (decision.verdict === "not_a_face") return <Message id="toast.notAFace" values={values} />;
  return <Message id="toast.changed" values={values} />;
}

function DecisionToast({ decision, undoes }: Extract<Toast, { kind: "decision" }>) {
  const { undo, redo } = useUndo();
  return (
    <div className="toast">
      <CircleCheck size={18} aria-hidden />
      <p className="num">
        <Effect decision={decision} redone={undoes === "done" && decision.reverts !== null} />
      </p>
      {!!decision.to_review && (
        <span className="pill suggested num">{t("toast.review", { count: decision.to_review })}</span>
      )}
      <Button
        look="link"
        command={undoes === "done" ? "undo" : "redo"}
        showKey
        onClick={() => (undoes === "done" ? void undo() : redo())}
      >
        {undoes === "done" ? t("toast.undo") : t("toast.redo")}
      </Button>
      <Button look="ghost" small icon={<X size={14} />} label={t("toast.dismiss")} onClick={dismissToast} />
    </div>
  );
}

function otherDecision(error: unknown): Decision | null {
  if (!(error instanceof ApiError)) return null;
  const decision = error.problem["decision"];
  return typeof decision === "object" && decision !== null && "id" in decision ? (decision as Decision) : null;
}

function ConflictToast({ error, request }: Extract<Toast, { kind: "conflict" }>) {
  const theirs = otherDecision(error);
  const decide = useDecide();
  const { revert } = useUndo();
  const [now] = useState(() => Date.now());
  if (!theirs) return <ErrorToast error={error} />;
  const values = { by: theirs.by, name: theirs.person?.name ?? "", when: ago(theirs.at, now), b: strong };
  return (
    <div className="toast column" role="alert">
      <h3>{t("conflict.title")}</h3>
      <p>
        <Message id={theirs.person ? "conflict.named" : "conflict.other"} values={values} />
      </p>
      <div className="row">
        <Button small look="primary" onClick={dismissToast}>
          {t("conflict.keep")}
        </Button>
        <Button
          small
          onClick={() => revert({ id: theirs.id, as: "undo" }, { onSuccess: () => decide.mutate({ request }) })}
        >
          {t("conflict.redo")}
        </Button>
      </div>
    </div>
  );
}

function UndoConflictToast({ error, reverting }: Extract<Toast, { kind: "undoConflict" }>) {
  const { revert } = useUndo();
  const free = error.problem["can_undo"] as { tracks?: number } | undefined;
  return (
    <div className="toast column" role="alert">
      <h3>{t("conflict.undoTitle")}</h3>
      <p>{error.problem.detail}</p>
      <div className="row">
        <Button small look="primary" onClick={dismissToast}>
          {t("conflict.leave")}
        </Button>
        {free?.tracks !== undefined && free.tracks > 0 && (
          <Button small onClick={() => revert({ ...reverting, part: true })}>
            {t("conflict.undoPart", { count: free.tracks })}
          </Button>
        )}
      </div>
    </div>
  );
}

function ErrorToast({ error }: { error: unknown }) {
  return (
    <div className="toast column">
      <div className="row">
        <CircleAlert size={18} aria-hidden color="var(--danger)" />
        <h3 className="grow">{t("error.actionFailed")}</h3>
        <Button look="ghost" small icon={<X size={14} />} label={t("toast.dismiss")} onClick={dismissToast} />
      </div>
      <ErrorNotice error={error} />
    </div>
  );
}

/** The place where the page says what a decision did. It is always there, so that screen readers hear it. */
export function Toasts() {
  const current = useToast();
  const region = useRef<HTMLDivElement>(null);
  const [held, setHeld] = useState(false);
  const id = current?.id;
  useEffect(() => {
    if (id === undefined || held) return undefined;
    const timer = setTimeout(dismissToast, STAY_MS);
    return () => clearTimeout(timer);
  }, [id, held]);
  const toast = current?.toast;
  return (
    <div
      className="toasts"
      role="status"
      aria-label={t("toast.region")}
      ref={region}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      {toast?.kind === "decision" && <DecisionToast key={id} {...toast} />}
      {toast?.kind === "conflict" && <ConflictToast key={id} {...toast} />}
      {toast?.kind === "undoConflict" && <UndoConflictToast key={id} {...toast} />}
      {toast?.kind === "error" && <ErrorToast key={id} error={toast.error} />}
      {toast?.kind === "note" && (
        <div className="toast" key={id}>
          <p>{toast.text}</p>
          <Button look="ghost" small icon={<X size={14} />} label={t("toast.dismiss")} onClick={dismissToast} />
        </div>
      )}
    </div>
  );
}
