import { useSyncExternalStore } from "react";
import type { DetailedError, HttpResponse, Upload as Sending } from "tus-js-client";

import { get, problemOf, writeHeaders } from "@/api/client";
import type { Asset } from "@/api/types";
import { t } from "@/messages";

export type Upload = {
  readonly id: number;
  readonly file: File;
  readonly state: "waiting" | "sending" | "done" | "failed";
  /** In [0, 1]. */
  readonly progress: number;
  readonly bytesPerSecond: number;
  readonly error: string | null;
  readonly asset: Asset | null;
  /** The library had the same file, as `asset`. */
  readonly alreadyHere: boolean;
};

/** Files that are sent at once; more would only share the same line. */
const AT_ONCE = 2;

/** After a break in the line, or while the server starts anew. */
const RETRY_AFTER_MS = [0, 1_000, 3_000, 10_000, 30_000];

let uploads: readonly Upload[] = [];
let nextId = 1;
let onAdded: (asset: Asset) => void = () => undefined;
const listeners = new Set<() => void>();
/** What is being sent; null while the code that sends is on its way. */
const sending = new Map<number, Sending | null>();

function set(change: readonly Upload[]): void {
  uploads = change;
  for (const listener of listeners) listener();
}

function update(id: number, change: Partial<Upload>): void {
  set(uploads.map((upload) => (upload.id === id ? { ...upload, ...change } : upload)));
}

function fail(id: number, error: string): void {
  update(id, { state: "failed", error });
}

/** A problem of the server's in its own words, or that there was no server. */
function reasonOf(error: Error | DetailedError): string {
  const response = "originalResponse" in error ? error.originalResponse : null;
  if (!response) return t("upload.lost");
  let body: unknown = null;
  try {
    body = JSON.parse(response.getBody());
  } catch {
    // a proxy's page, not the server's words
  }
  const problem = problemOf(response.getStatus(), "", body);
  return problem.detail ?? problem.title;
}

async function finish(id: number, response: HttpResponse): Promise<void> {
  const key = response.getHeader("Dramatis-Asset");
  const alreadyHere = response.getHeader("Dramatis-Already-Here") === "true";
  const asset = key ? await get<Asset>(`assets/${key}/`).catch(() => null) : null;
  update(id, { state: "done", progress: 1, asset, alreadyHere });
  if (asset && !alreadyHere) onAdded(asset);
}

/** Sends a file in parts; what an earlier try or an earlier visit to the page has sent of it is not sent again. */
async function send({ id, file }: Upload): Promise<void> {
  sending.set(id, null);
  update(id, { state: "sending", progress: 0, error: null });
  const ended = (): void => {
    sending.delete(id);
    startWaiting();
  };
  const began = { ms: performance.now(), at: null as number | null };
  try {
    const { Upload: Sending } = await import("tus-js-client");
    const one = new Sending(file, {
      endpoint: "/uploads/",
      metadata: { filename: file.name },
      retryDelays: RETRY_AFTER_MS,
      removeFingerprintOnSuccess: true,
      onBeforeRequest: (request) => {
        for (const [name, value] of Object.entries(writeHeaders())) request.setHeader(name, value);
      },
      onProgress: (sent, total) => {
        began.at ??= sent;
        const seconds = (performance.now() - began.ms) / 1000;
        update(id, { progress: sent / total, bytesPerSecond: seconds > 0 ? (sent - began.at) / seconds : 0 });
      },
      onSuccess: ({ lastResponse }) => void finish(id, lastResponse).finally(ended),
      onError: (error) => {
        fail(id, reasonOf(error));
        ended();
      },
    });
    const [earlier] = await one.findPreviousUploads();
    if (!sending.has(id)) return; // cancelled meanwhile
    if (earlier) one.resumeFromPreviousUpload(earlier);
    sending.set(id, one);
    one.start();
  } catch {
    fail(id, t("upload.lost")); // not even the code that sends came
    ended();
  }
}

function startWaiting(): void {
  const free = AT_ONCE - sending.size;
  uploads
    .filter(({ state }) => state === "waiting")
    .slice(0, Math.max(0, free))
    .forEach((upload) => void send(upload));
}

export function addUploads(files: Iterable<File>): void {
  const added = Array.from(files, (file): Upload => ({
    id: nextId++,
    file,
    state: file.size > 0 ? "waiting" : "failed",
    progress: 0,
    bytesPerSecond: 0,
    error: file.size > 0 ? null : t("upload.empty"),
    asset: null,
    alreadyHere: false,
  }));
  set([...uploads, ...added]);
  startWaiting();
}

export function retryUpload(id: number): void {
  const upload = uploads.find((one) => one.id === id);
  if (!upload || upload.file.size === 0) return;
  update(id, { state: "waiting", error: null });
  startWaiting();
}

/** Stops it, and has the server forget what it has of it. */
export function cancelUpload(id: number): void {
  void sending
    .get(id)
    ?.abort(true)
    .catch(() => undefined); // the server forgets it by itself, later
  sending.delete(id);
  set(uploads.filter((upload) => upload.id !== id));
  startWaiting();
}

/** Forgets what is done or has failed. */
export function clearUploads(): void {
  set(uploads.filter(({ state }) => state === "waiting" || state === "sending"));
}

/** Calls `listener` with each asset that an upload has made. */
export function onUploaded(listener: (asset: Asset) => void): void {
  onAdded = listener;
}

export function useUploads(): readonly Upload[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => uploads,
  );
}
