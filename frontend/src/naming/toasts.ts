import { useSyncExternalStore } from "react";

import type { ApiError } from "@/api/client";
import type { Decision, DecisionRequest } from "@/api/types";

/** An undo or redo that was asked for. */
export type Reverting = { id: string; as: "undo" | "redo"; part?: boolean };

export type Toast =
  | { kind: "decision"; decision: Decision; undoes: "done" | "undone" }
  | { kind: "error"; error: unknown }
  | { kind: "conflict"; error: unknown; request: DecisionRequest }
  | { kind: "undoConflict"; error: ApiError; reverting: Reverting }
  | { kind: "note"; text: string };

let current: { id: number; toast: Toast } | null = null;
const listeners = new Set<() => void>();

/** Shows one message; it takes the place of the one before. */
export function showToast(toast: Toast): void {
  current = { id: (current?.id ?? 0) + 1, toast };
  for (const listener of listeners) listener();
}

export function dismissToast(): void {
  current = null;
  for (const listener of listeners) listener();
}

export function useToast(): typeof current {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}
