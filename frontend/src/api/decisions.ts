import { send } from "./client";
import { listOptions } from "./pages";
import type { Decision, DecisionRequest } from "./types";

export const decisionsOptions = listOptions<Decision>(["decisions"], "decisions/", { limit: 50 });

export const decide = (request: DecisionRequest): Promise<Decision> =>
  send<Decision>("POST", "decisions/", { json: request });

/** Reverts a decision by a new one; undoing that one redoes the first. `part` leaves what later decisions changed. */
export const undoDecision = (id: string, part: boolean): Promise<Decision> =>
  send<Decision>("POST", `decisions/${id}/undo/`, { json: { part } });

/** Every query that a decision can change: all that speaks of who somebody is. */
export const CHANGED_BY_DECISIONS = [
  "tracks",
  "unknowns",
  "unknown",
  "people",
  "person",
  "decisions",
  "assets",
  "search",
] as const;
