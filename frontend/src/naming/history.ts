import type { Decision } from "@/api/types";

/** From an undone decision to the standing one that undid it, which redo reverts. */
export function undoerOf(decisions: readonly Pick<Decision, "id" | "reverts" | "active">[]): Map<string, string> {
  return new Map(
    decisions.flatMap(({ id, reverts, active }): [string, string][] => (reverts && active ? [[reverts, id]] : [])),
  );
}

/** The newest decision of `username` that still stands and is no undo itself; `decisions` come newest first. */
export function latestStanding(decisions: readonly Decision[], username: string): Decision | null {
  return decisions.find(({ by, reverts, active }) => by === username && reverts === null && active) ?? null;
}
