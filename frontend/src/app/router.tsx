import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";

import { readAssetSearch } from "@/features/asset/search";
import { readInboxSearch } from "@/features/inbox/search";
import { readLibrarySearch } from "@/features/library/search";
import { readPeopleSearch } from "@/features/people/search";
import { readPersonSearch } from "@/features/search/search";

import { NotFound } from "./NotFound";
import { PageError } from "./PageError";
import { parseSearch, stringifySearch } from "./searchParams";
import { Shell } from "./Shell";

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound, errorComponent: PageError });

const library = createRoute({
  getParentRoute: () => root,
  path: "/",
  validateSearch: readLibrarySearch,
  component: lazyRouteComponent(() => import("@/features/library/LibraryPage"), "LibraryPage"),
});
const asset = createRoute({
  getParentRoute: () => root,
  path: "/assets/$assetId",
  validateSearch: readAssetSearch,
  component: lazyRouteComponent(() => import("@/features/asset/AssetPage"), "AssetPage"),
});
const inbox = createRoute({
  getParentRoute: () => root,
  path: "/inbox",
  validateSearch: readInboxSearch,
  component: lazyRouteComponent(() => import("@/features/inbox/InboxPage"), "InboxPage"),
});
const people = createRoute({
  getParentRoute: () => root,
  path: "/people",
  validateSearch: readPeopleSearch,
  component: lazyRouteComponent(() => import("@/features/people/PeoplePage"), "PeoplePage"),
});
const person = createRoute({
  getParentRoute: () => root,
  path: "/people/$personId",
  component: lazyRouteComponent(() => import("@/features/people/PersonPage"), "PersonPage"),
});
const search = createRoute({
  getParentRoute: () => root,
  path: "/search",
  validateSearch: readPersonSearch,
  component: lazyRouteComponent(() => import("@/features/search/SearchPage"), "SearchPage"),
});
const activity = createRoute({
  getParentRoute: () => root,
  path: "/activity",
  component: lazyRouteComponent(() => import("@/features/activity/ActivityPage"), "ActivityPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([library, asset, inbox, people, person, search, activity]),
  defaultErrorComponent: PageError,
  defaultPreload: "intent",
  parseSearch,
  stringifySearch,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
