import { describe, expect, it } from "vitest";

import type { Decision } from "@/api/types";

import { aboutOf, latestStanding, undoerOf } from "./history";

const made = (id: string, over: Partial<Decision> = {}): Decision => ({
  id,
  by: "kari",
  reverts: null,
  active: true,
  verdict: "is",
  unknown: null,
  cover: null,
  why: "",
  person: null,
  at: "2026-01-01T00:00:00Z",
  changed: { tracks: 0, appearances: 0, assets: 0 },
  to_review: 0,
  ...over,
});

describe("undo", () => {
  it("takes the newest decision that still stands", () => {
    const decisions = [made("3", { reverts: "2" }), made("2", { active: false }), made("1")];
    expect(latestStanding(decisions, "kari")?.id).toBe("1");
  });

  it("never takes another editor's decision for one's own", () => {
    expect(latestStanding([made("2", { by: "ola" }), made("1")], "kari")?.id).toBe("1");
    expect(latestStanding([made("2", { by: "ola" })], "kari")).toBeNull();
  });
});

describe("redo", () => {
  it("reverts the undo that stands, not one that was undone itself", () => {
    const decisions = [
      made("4", { reverts: "1" }),
      made("3", { reverts: "2" }),
      made("2", { reverts: "1", active: false }),
      made("1", { active: false }),
    ];
    expect(undoerOf(decisions).get("1")).toBe("4");
  });
});

describe("what an undo was about", () => {
  it("is the decision at the bottom of its chain, undone or made again", () => {
    const about = aboutOf([made("3", { reverts: "2" }), made("2", { reverts: "1" }), made("1")]);
    expect(about.get("2")).toMatchObject({ original: { id: "1" }, again: false });
    expect(about.get("3")).toMatchObject({ original: { id: "1" }, again: true });
    expect(about.has("1")).toBe(false);
  });

  it("is not known before its page of the list is here", () => {
    expect(aboutOf([made("3", { reverts: "2" })]).size).toBe(0);
  });
});
