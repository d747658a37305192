import { queryOptions } from "@tanstack/react-query";

import { get, send } from "./client";
import type { Session } from "./types";

/** Who is logged in; asking also sets the CSRF cookie. */
export const sessionOptions = queryOptions({
  queryKey: ["session"],
  queryFn: ({ signal }) => get<Session>("auth/session/", undefined, signal),
  staleTime: Infinity,
});

export const logIn = (username: string, password: string): Promise<Session> =>
  send<Session>("POST", "auth/session/", { json: { username, password } });

export const logOut = (): Promise<null> => send<null>("DELETE", "auth/session/");
