import { useSyncExternalStore } from "react";

import { problemOf, urlOf, writeHeaders } from "@/api/client";
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
};

/** Files that are sent at once; more would only share the same line. */
const AT_ONCE = 2;

let uploads: readonly Upload[] = [];
let nextId = 1;
let onAdded: (asset: Asset) => void = () => undefined;
const listeners = new Set<() => void>();
const requests = new Map<number, XMLHttpRequest>();

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

function send({ id, file }: Upload): void {
  const request = new XMLHttpRequest();
  requests.set(id, request);
  const startedMs = performance.now();
  request.open("POST", urlOf("assets/"));
  request.responseType = "json";
  for (const [name, value] of Object.entries(writeHeaders())) request.setRequestHeader(name, value);
  request.setRequestHeader("Accept", "application/json");
  request.upload.onprogress = ({ loaded, total }) => {
    const seconds = (performance.now() - startedMs) / 1000;
    update(id, { progress: total > 0 ? loaded / total : 0, bytesPerSecond: seconds > 0 ? loaded / seconds : 0 });
  };
  request.onload = () => {
    if (request.status >= 200 && request.status < 300) {
      const asset = request.response as Asset;
      update(id, { state: "done", progress: 1, asset });
      onAdded(asset);
    } else {
      const problem = problemOf(request.status, request.statusText, request.response);
      fail(id, problem.detail ?? problem.title);
    }
  };
  request.onerror = () => fail(id, t("upload.lost"));
  request.onabort = () => set(uploads.filter((upload) => upload.id !== id));
  request.onloadend = () => {
    requests.delete(id);
    startWaiting();
  };
  const form = new FormData();
  form.set("file", file);
  update(id, { state: "sending", progress: 0, error: null });
  request.send(form);
}

function startWaiting(): void {
  const free = AT_ONCE - requests.size;
  uploads
    .filter(({ state }) => state === "waiting")
    .slice(0, Math.max(0, free))
    .forEach(send);
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

export function cancelUpload(id: number): void {
  const request = requests.get(id);
  if (request) request.abort();
  else set(uploads.filter((upload) => upload.id !== id));
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
