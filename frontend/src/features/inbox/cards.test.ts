import { describe, expect, it } from "vitest";

import type { Unknown } from "@/api/types";

import { keepPlaces, nextWaiting } from "./cards";

const face = (key: string, tracks = 1): Unknown => ({
  key,
  label: "",
  tracks,
  assets: 1,
  screen_time_ms: 1000,
  first_seen: "",
  last_seen: "",
  thumbnails: [],
  suggestion: null,
});
const shown = keepPlaces([], [face("a"), face("b"), face("c")], true);
const keys = (cards: typeof shown): string[] =>
  cards.map(({ unknown, gone }) => (gone ? `(${unknown.key})` : unknown.key));

describe("the inbox", () => {
  it("leaves a named card in its place", () => {
    expect(keys(keepPlaces(shown, [face("c", 9), face("a")], false))).toEqual(["a", "(b)", "c"]);
  });

  it("takes the fresh numbers", () => {
    expect(keepPlaces(shown, [face("c", 9)], false)[2]?.unknown.tracks).toBe(9);
  });

  it("brings a card back that an undo has made unknown again", () => {
    const named = keepPlaces(shown, [face("a")], false);
    expect(keys(keepPlaces(named, [face("b"), face("a")], false))).toEqual(["a", "b", "(c)"]);
  });

  it("puts newcomers at the end, and only when they are asked for", () => {
    expect(keys(keepPlaces(shown, [face("z"), face("a")], true))).toEqual(["a", "(b)", "(c)", "z"]);
    expect(keys(keepPlaces(shown, [face("z"), face("a")], false))).toEqual(["a", "(b)", "(c)"]);
  });
});

describe("moving on", () => {
  it("goes to the next card that waits, else back", () => {
    const cards = keepPlaces(shown, [face("a"), face("c")], false);
    expect(nextWaiting(cards, "a")?.key).toBe("c");
    expect(nextWaiting(cards, "c")?.key).toBe("a");
    expect(nextWaiting(keepPlaces(shown, [], false), "a")).toBeNull();
  });
});
