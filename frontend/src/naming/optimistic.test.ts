import { describe, expect, it } from "vitest";

import type { Track } from "@/api/types";

import { applyDecision } from "./optimistic";

const track = (id: string, over: Partial<Track>): Track => ({
  id,
  asset: "a",
  start_ms: 0,
  end_ms: 1000,
  band: "unknown",
  person: null,
  unknown: null,
  key: "",
  confidence: null,
  distance: null,
  why: null,
  suggestion: null,
  quality: 0.5,
  thumbnail: "",
  ...over,
});
const GRACE = { id: "7", name: "Grace Hopper" };
const stranger = track("1", { unknown: "5abc120a9b25d163" });
const other = track("2", { unknown: "91f04e0a9b25d163" });
const named = track("3", { band: "auto", person: GRACE, key: GRACE.name });

describe("a decision on the screen", () => {
  it("names every track of the unknown and no other", () => {
    const after = applyDecision(
      [stranger, other],
      { verdict: "is", unknown: "5abc120a9b25d163", name: GRACE.name },
      GRACE,
    );
    expect(after[0]).toMatchObject({ band: "confirmed", person: GRACE, unknown: null, confidence: 1 });
    expect(after[1]).toBe(other);
  });

  it("takes a rejected name away from that person's tracks only", () => {
    const after = applyDecision([named, stranger], { verdict: "is_not", tracks: ["3", "1"], person: GRACE.id }, null);
    expect(after[0]).toMatchObject({ band: "unknown", person: null });
    expect(after[1]).toBe(stranger);
  });

  it("drops what is not a face and greys what is ignored", () => {
    expect(applyDecision([stranger, other], { verdict: "not_a_face", tracks: ["1"] }, null)).toEqual([other]);
    expect(applyDecision([stranger], { verdict: "ignore", unknown: "5abc120a9b25d163" }, null)[0]?.band).toBe(
      "ignored",
    );
  });

  it("leaves the tracks that it was given as they were", () => {
    const before = structuredClone(stranger);
    applyDecision([stranger], { verdict: "is", tracks: ["1"], person: GRACE.id }, GRACE);
    expect(stranger).toEqual(before);
  });
});
