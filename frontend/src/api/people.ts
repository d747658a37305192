import { queryOptions } from "@tanstack/react-query";

import { get, send } from "./client";
import { listOptions } from "./pages";
import type { Exemplar, Page, Person, PersonAppearances, PhotoAdded } from "./types";

export type PeopleSort = "screen_time" | "recent" | "name";

export const peopleOptions = (filters: { q?: string | undefined; sort?: PeopleSort | undefined }) =>
  listOptions<Person>(["people"], "people/", { ...filters, limit: 100 });

/** The few people whom a name field offers for what has been typed. */
export const peopleMatchingOptions = (q: string) =>
  queryOptions({
    queryKey: ["people", "matching", q],
    queryFn: async ({ signal }) => (await get<Page<Person>>("people/", { q, limit: 8 }, signal)).results,
    staleTime: 10_000,
  });

export const personOptions = (id: string) =>
  queryOptions({
    queryKey: ["person", id],
    queryFn: ({ signal }) => get<Person>(`people/${id}/`, undefined, signal),
  });

export const personAppearancesOptions = (id: string) =>
  listOptions<PersonAppearances>(["person", id, "appearances"], `people/${id}/appearances/`, { limit: 50 });

export const exemplarsOptions = (id: string) =>
  listOptions<Exemplar>(["person", id, "exemplars"], `people/${id}/exemplars/`, { limit: 60 });

/** `sameName` says that this is another person of a name that is taken. */
export const createPerson = (name: string, sameName = false): Promise<Person> =>
  send<Person>("POST", "people/", { json: { name, same_name: sameName } });

export const renamePerson = (id: string, name: string, sameName = false): Promise<Person> =>
  send<Person>("PATCH", `people/${id}/`, { json: { name, same_name: sameName } });

export function addPhoto(id: string, file: File): Promise<PhotoAdded> {
  const form = new FormData();
  form.set("file", file);
  return send<PhotoAdded>("POST", `people/${id}/photos/`, { form });
}
