import type { Page } from "./types";

/** RFC 9457 problem details, as the server answers every error. */
export type Problem = {
  title: string;
  status: number;
  detail?: string;
  code?: string;
  request_id?: string;
  [extra: string]: unknown;
};

export class ApiError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.name = "ApiError";
    this.problem = problem;
  }

  get status(): number {
    return this.problem.status;
  }

  /** What to quote when asking for help. */
  get requestId(): string | null {
    return this.problem.request_id ?? null;
  }

  get code(): string | null {
    return this.problem.code ?? null;
  }
}

/** The server did not answer at all. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super("unreachable", { cause });
    this.name = "Unreachable";
  }
}

export type Query = Record<string, string | number | boolean | readonly string[] | null | undefined>;

export const API = "/api/v1/";

/** `path` under the API's root, with the given parameters; arrays repeat, null and undefined are left out. */
export function urlOf(path: string, query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined) continue;
    for (const one of Array.isArray(value) ? (value as readonly string[]) : [value])
      parameters.append(name, String(one));
  }
  const text = parameters.toString();
  return text ? `${API}${path}?${text}` : `${API}${path}`;
}

function cookie(name: string): string {
  const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}

/** Headers that every write carries: Django's CSRF token, and a key that makes a repeated request harmless. */
export function writeHeaders(): Record<string, string> {
  return { "X-CSRFToken": cookie("csrftoken"), "Idempotency-Key": crypto.randomUUID() };
}

export function problemOf(status: number, statusText: string, body: unknown): Problem {
  const known = typeof body === "object" && body !== null ? (body as Partial<Problem>) : {};
  return { ...known, title: known.title ?? (statusText || `HTTP ${status}`), status };
}

type Options = { query?: Query; json?: unknown; form?: FormData; signal?: AbortSignal };

/** One call of the API. Throws ApiError for an error answer and Unreachable where there is none. */
export async function send<T>(
  method: "GET" | "POST" | "PATCH" | "DELETE",
  path: string,
  options: Options = {},
): Promise<T> {
  const { query, json, form, signal } = options;
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") Object.assign(headers, writeHeaders());
  if (json !== undefined) headers["Content-Type"] = "application/json";
  let response: Response;
  try {
    response = await fetch(path.startsWith("/") ? path : urlOf(path, query), {
      method,
      headers,
      credentials: "same-origin",
      body: form ?? (json === undefined ? null : JSON.stringify(json)),
      signal: signal ?? null,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Unreachable(error);
  }
  const isJson = (response.headers.get("Content-Type") ?? "").includes("json");
  const body: unknown = isJson ? await response.json().catch(() => null) : null;
  if (!response.ok) {
    throw new ApiError(problemOf(response.status, response.statusText, body));
  }
  return body as T;
}

export const get = <T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> =>
  send<T>("GET", path, { ...(query && { query }), ...(signal && { signal }) });

/** The path and query of a page's `next`, so that it is asked on this page's own origin. */
export function samePage(next: string): string {
  const url = new URL(next, window.location.origin);
  return url.pathname + url.search;
}

/** Every page of a list, one after the other: for lists that a screen must have whole. */
export async function all<T>(path: string, query: Query, signal?: AbortSignal): Promise<T[]> {
  const found: T[] = [];
  let page = await get<Page<T>>(path, { limit: 1000, ...query }, signal);
  found.push(...page.results);
  while (page.next) {
    page = await get<Page<T>>(samePage(page.next), undefined, signal);
    found.push(...page.results);
  }
  return found;
}
