import { describe, expect, it } from "vitest";

import type { Track } from "@/api/types";

import { bandOf, lanesOf, layoutRows, neighbour, rowsBetween, trackAt, union } from "./lanes";
import { hitTrack, runsOf } from "./segments";

let id = 0;
const track = (start_ms: number, end_ms: number, over: Partial<Track> = {}): Track => ({
  id: String(++id),
  asset: "a",
  start_ms,
  end_ms,
  band: "unknown",
  person: null,
  unknown: "5abc120a9b25d163",
  key: "",
  confidence: null,
  distance: null,
  why: null,
  suggestion: null,
  quality: 0.5,
  thumbnail: `/t/${id}.jpg`,
  ...over,
});
const grace = { person: { id: "7", name: "Grace Hopper" }, unknown: null };
const eileen = { person: { id: "8", name: "Eileen Collins" }, unknown: null };

const tracks = [
  track(5_000, 9_000, { ...grace, band: "auto" }),
  track(0, 1_000, { ...grace, band: "confirmed", quality: 0.9 }),
  track(0, 60_000, { ...eileen, band: "auto" }),
  track(2_000, 4_000),
  track(3_000, 6_000, { band: "suggested" }),
  track(70_000, 71_000, { band: "ignored", unknown: "91f04e0a9b25d163" }),
];

describe("lanes", () => {
  it("stand one for each person and unknown, the named first, most screen time first", () => {
    expect(lanesOf(tracks, "screen_time").map((lane) => lane.key)).toEqual([
      "person:8",
      "person:7",
      "unknown:5abc120a9b25d163",
      "ignored:91f04e0a9b25d163",
    ]);
  });

  it("sort by name and by first appearance inside their group", () => {
    const keys = (sort: "name" | "first"): string[] =>
      lanesOf(tracks, sort)
        .map((lane) => lane.key)
        .slice(0, 2);
    expect(keys("name")).toEqual(["person:8", "person:7"]);
    expect(keys("first")).toEqual(["person:7", "person:8"]);
  });

  it("count overlapping tracks once", () => {
    const unknown = lanesOf(tracks, "name").find((lane) => lane.group === "unknown");
    expect(unknown?.screenTimeMs).toBe(4_000);
    expect(unknown?.appearances).toBe(1);
    expect(union([0, 10, 40], [20, 30, 50])).toEqual({ length: 40, pieces: 2 });
  });

  it("show their best picture and their strongest band", () => {
    const lane = lanesOf(tracks, "name").find((found) => found.person?.id === "7");
    expect(lane && bandOf(lane)).toBe("confirmed");
    expect(lane?.thumbnail).toBe(tracks[1]?.thumbnail);
  });

  it("find the track at a moment and its neighbours", () => {
    const lane = lanesOf(tracks, "name").find((found) => found.person?.id === "7");
    if (!lane) throw new Error("no lane");
    expect(trackAt(lane, 5_000)?.start_ms).toBe(5_000);
    expect(trackAt(lane, 9_000)).toBeNull();
    expect(neighbour(lane, 0, 1)?.start_ms).toBe(5_000);
    expect(neighbour(lane, 9_500, -1)?.start_ms).toBe(5_000);
    expect(neighbour(lane, 9_500, 1)).toBeNull();
  });
});

describe("rows", () => {
  it("lie below each other, without those of a folded group", () => {
    const lanes = lanesOf(tracks, "name");
    const { rows, height } = layoutRows(lanes, new Set(["named"]));
    expect(rows.map((row) => (row.kind === "lane" ? row.lane.group : `+${row.group}`))).toEqual([
      "+named",
      "+unknown",
      "unknown",
      "+ignored",
      "ignored",
    ]);
    expect(height).toBe(24 * 3 + 27 * 2);
    expect(rowsBetween(rows, 25, 40).map((row) => row.y)).toEqual([24]);
  });
});

describe("segments", () => {
  const columns = {
    starts: Int32Array.of(0, 1_000, 50_000),
    ends: Int32Array.of(990, 3_000, 50_001),
    bands: Uint8Array.of(0, 0, 1),
  };
  const scale = { startMs: 0, pxPerMs: 0.01 };

  it("lie on whole pixels and run together where nobody could see the gap", () => {
    expect(runsOf(columns, 0, scale, 600)).toEqual([{ from: 0, to: 30 }]);
  });

  it("never vanish, however short", () => {
    expect(runsOf(columns, 1, scale, 600)).toEqual([{ from: 500, to: 501 }]);
  });

  it("are left out beyond the window", () => {
    expect(runsOf(columns, 1, scale, 400)).toEqual([]);
    expect(runsOf(columns, 0, { startMs: 4_000, pxPerMs: 0.01 }, 400)).toEqual([]);
  });

  it("are hit with a little grace, the nearest first", () => {
    expect(hitTrack(columns, scale, 502)).toBe(2);
    expect(hitTrack(columns, scale, 12)).toBe(1);
    expect(hitTrack(columns, scale, 100)).toBeNull();
  });
});
