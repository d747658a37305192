import { describe, expect, it } from "vitest";

import { barsOf } from "./Strip";

describe("a strip", () => {
  it("runs together what nearly touches and has one band", () => {
    const bars = barsOf(
      [
        { start_ms: 500, end_ms: 600, band: "auto" },
        { start_ms: 601, end_ms: 700, band: "auto" },
        { start_ms: 701, end_ms: 800, band: "confirmed" },
      ],
      1_000,
    );
    expect(bars).toEqual([
      { from: 0.5, to: 0.7, band: "auto" },
      { from: 0.701, to: 0.8, band: "confirmed" },
    ]);
  });

  it("shows a moment in a long video, and never leaves the strip", () => {
    const [bar] = barsOf([{ start_ms: 3_599_000, end_ms: 3_600_000, band: "auto" }], 3_600_000);
    expect(bar?.to).toBe(1);
    expect(barsOf([{ start_ms: 0, end_ms: 10, band: "auto" }], 3_600_000)[0]?.to).toBeCloseTo(0.004);
  });
});
