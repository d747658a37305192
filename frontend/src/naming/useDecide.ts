import { useMutation, useQueryClient, type QueryClient } from "@tanstack/react-query";

import { ApiError } from "@/api/client";
import { CHANGED_BY_DECISIONS, decide, decisionsOptions, undoDecision } from "@/api/decisions";
import { sessionOptions } from "@/api/session";
import type { Decision, DecisionRequest, PersonRef, Track } from "@/api/types";
import { t } from "@/messages";

import { latestStanding } from "./history";
import { applyDecision, PENDING_ID } from "./optimistic";
import { showToast, type Reverting } from "./toasts";

export type Deciding = {
  request: DecisionRequest;
  /** Whom it names, where that is known already. */ person?: PersonRef | null;
};

/** What this page decided and undid since it was opened, for U and Shift U. */
const session: { done: Decision[]; undone: Decision[] } = { done: [], undone: [] };

function refresh(client: QueryClient): Promise<unknown> {
  return Promise.all(CHANGED_BY_DECISIONS.map((key) => client.invalidateQueries({ queryKey: [key] })));
}

function personOf({ request, person }: Deciding): PersonRef | null {
  if (person) return person;
  return "name" in request ? { id: PENDING_ID, name: request.name } : null;
}

/** Makes a decision: the screen changes at once, the server's answer replaces it, and the toast says the effect. */
export function useDecide() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ request }: Deciding) => decide(request),
    onMutate: async (deciding) => {
      await client.cancelQueries({ queryKey: ["tracks"] });
      const before = client.getQueriesData<Track[]>({ queryKey: ["tracks"] });
      client.setQueriesData<Track[]>({ queryKey: ["tracks"] }, (tracks) =>
        tracks ? applyDecision(tracks, deciding.request, personOf(deciding)) : tracks,
      );
      return { before };
    },
    onSuccess: (decision) => {
      session.done.push(decision);
      session.undone = [];
      showToast({ kind: "decision", decision, undoes: "done" });
    },
    onError: (error, { request }, context) => {
      for (const [key, tracks] of context?.before ?? []) client.setQueryData(key, tracks);
      const conflict = error instanceof ApiError && error.status === 409 && error.code === "already-decided";
      showToast(conflict ? { kind: "conflict", error, request } : { kind: "error", error });
    },
    onSettled: () => refresh(client),
  });
}

/** Undo and redo: of the last decision, or of the one that is named. */
export function useUndo() {
  const client = useQueryClient();
  const revert = useMutation({
    mutationFn: ({ id, part }: Reverting) => undoDecision(id, part ?? false),
    onSuccess: (decision, { id, as }) => {
      session.done = session.done.filter((other) => other.id !== id);
      session.undone = session.undone.filter((other) => other.id !== id);
      (as === "undo" ? session.undone : session.done).push(decision);
      showToast({ kind: "decision", decision, undoes: as === "undo" ? "undone" : "done" });
    },
    onError: (error, reverting) =>
      showToast(
        error instanceof ApiError && error.code === "conflict"
          ? { kind: "undoConflict", error, reverting }
          : { kind: "error", error },
      ),
    onSettled: () => refresh(client),
  });

  const lastDecision = async (): Promise<string | undefined> => {
    if (session.done.length > 0) return session.done.at(-1)?.id;
    const [{ user }, list] = await Promise.all([
      client.fetchQuery(sessionOptions),
      client.fetchInfiniteQuery({ ...decisionsOptions, staleTime: 0 }),
    ]);
    return latestStanding(
      list.pages.flatMap((page) => page.results),
      user?.username ?? "",
    )?.id;
  };

  return {
    revert: revert.mutate,
    busy: revert.isPending,
    undo: async () => {
      if (revert.isPending) return;
      const id = await lastDecision();
      if (id) revert.mutate({ id, as: "undo" });
      else showToast({ kind: "note", text: t("toast.nothingToUndo") });
    },
    redo: () => {
      const last = session.undone.at(-1);
      if (last && !revert.isPending) revert.mutate({ id: last.id, as: "redo" });
      else showToast({ kind: "note", text: t("toast.nothingToRedo") });
    },
  };
}
