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

type Link = Pick<Decision, "id" | "reverts">;

/**
 * For each undo and redo: the decision at the bottom of its chain, and whether that holds again (an undone undo).
 * Those whose decision is not among `decisions` are left out.
 */
export function aboutOf<D extends Link>(decisions: readonly D[]): Map<string, { original: D; again: boolean }> {
  const byId = new Map(decisions.map((decision) => [decision.id, decision]));
  return new Map(
    decisions.flatMap((decision): [string, { original: D; again: boolean }][] => {
      let original: D | undefined = decision;
      let steps = 0;
      while (original?.reverts) {
        original = byId.get(original.reverts);
        steps++;
      }
      return original && steps > 0 ? [[decision.id, { original, again: steps % 2 === 0 }]] : [];
    }),
  );
}
