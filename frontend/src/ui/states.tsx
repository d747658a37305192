import { useEffect, useState, type ReactNode } from "react";

import { ApiError, Unreachable } from "@/api/client";
import { t } from "@/messages";

import { Button } from "./Button";

/** True once `ms` have passed: a skeleton that flashes is worse than none. */
export function useAfterDelay(ms = 150): boolean {
  const [passed, setPassed] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setPassed(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return passed;
}

/** Grey shapes in the final layout, after 150 ms. */
export function Skeletons({ count, height, className }: { count: number; height: number; className?: string }) {
  const visible = useAfterDelay();
  return (
    <div className={className} role="status" aria-label={t("state.loading")}>
      {visible && Array.from({ length: count }, (_, i) => <div key={i} className="skeleton" style={{ height }} />)}
    </div>
  );
}

/** One sentence and one action. */
export function Empty({ text, children, icon }: { text: string; children?: ReactNode; icon?: ReactNode }) {
  return (
    <div className="notice center">
      {icon}
      <p className="t2">{text}</p>
      {children}
    </div>
  );
}

export function NoMatch({ q, onClear }: { q: string; onClear: () => void }) {
  return (
    <Empty text={t("state.noMatch", { q })}>
      <Button onClick={onClear}>{t("state.clearFilters")}</Button>
    </Empty>
  );
}

function describe(error: unknown): { title: string; detail: string; requestId: string | null } {
  if (error instanceof ApiError)
    return { title: error.problem.title, detail: error.problem.detail ?? "", requestId: error.requestId };
  if (error instanceof Unreachable)
    return { title: t("error.unreachable"), detail: t("error.unreachableDetail"), requestId: null };
  return { title: t("error.unexpected"), detail: t("error.unexpectedDetail"), requestId: null };
}

/** Whether what was asked for does not exist: asking again would not help. */
export const isGone = (error: unknown): boolean => error instanceof ApiError && error.status === 404;

/** What failed, in the server's words, with what to do about it; a panel fails alone. */
export function ErrorNotice({ error, onRetry }: { error: unknown; onRetry?: (() => void) | undefined }) {
  const { title, detail, requestId } = describe(error);
  const [copied, setCopied] = useState(false);
  return (
    <div className="notice error" role="alert">
      <h3>{title}</h3>
      {detail && <p className="t2">{detail}</p>}
      <div className="row">
        {onRetry && (
          <Button small onClick={onRetry}>
            {t("state.retry")}
          </Button>
        )}
        {requestId && (
          <>
            <code className="xs t3">{t("error.requestId", { id: requestId })}</code>
            <Button
              small
              look="ghost"
              onClick={() => void navigator.clipboard.writeText(requestId).then(() => setCopied(true))}
            >
              {copied ? t("error.copied") : t("error.copy")}
            </Button>
          </>
        )}
      </div>
    </div>
  );
}
