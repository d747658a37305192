import { describe, expect, it } from "vitest";

import type { Filmstrip } from "@/api/types";

import { tileAt, tileOf, tileStyle } from "./filmstrip";

const strip: Filmstrip = {
  url: "/strip",
  interval_ms: 2_000,
  count: 13,
  columns: 10,
  rows: 2,
  tile_width: 160,
  tile_height: 90,
};

describe("a filmstrip", () => {
  it("shows the tile of a time, and the nearest beyond its ends", () => {
    expect([-5, 0, 1_999, 2_000, 25_000, 1e9].map((ms) => tileAt(strip, ms))).toEqual([0, 0, 0, 1, 12, 12]);
  });

  it("spreads its tiles over a width", () => {
    expect([-1, 0, 0.5, 0.99, 1].map((share) => tileOf(strip, share))).toEqual([0, 0, 6, 12, 12]);
  });

  it("moves the sheet so that one tile fills the element", () => {
    expect(tileStyle(strip, 12)).toMatchObject({
      backgroundSize: "1000% 200%",
      backgroundPosition: `${(2 / 9) * 100}% 100%`,
    });
    expect(tileStyle({ ...strip, count: 1, columns: 1, rows: 1 }, 0).backgroundPosition).toBe("0% 0%");
  });
});
