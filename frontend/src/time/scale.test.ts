import { describe, expect, it } from "vitest";

import { clampWindow, MIN_WINDOW_MS, pageTo, panWindow, rulerTicks, scaleOf, toMs, toPx, zoomWindow } from "./scale";

const HOUR = 3_600_000;

describe("a time scale", () => {
  it("maps a moment to the screen and back", () => {
    const scale = scaleOf({ startMs: 10_000, endMs: 20_000 }, 500);
    expect(toPx(scale, 15_000)).toBe(250);
    expect(toMs(scale, 250)).toBe(15_000);
  });
});

describe("zooming", () => {
  it("keeps the moment under the pointer where it is", () => {
    const before = { startMs: 600_000, endMs: 1_200_000 };
    const after = zoomWindow(before, 3, 750_000, HOUR);
    const at = (window: typeof before): number => (750_000 - window.startMs) / (window.endMs - window.startMs);
    expect(at(after)).toBeCloseTo(at(before), 12);
    expect(after.endMs - after.startMs).toBeCloseTo(200_000);
  });

  it("stops at the whole video and at two seconds", () => {
    expect(zoomWindow({ startMs: 0, endMs: HOUR }, 0.5, 5_000, HOUR)).toEqual({ startMs: 0, endMs: HOUR });
    const narrow = zoomWindow({ startMs: 1_000, endMs: 4_000 }, 100, 2_000, HOUR);
    expect(narrow.endMs - narrow.startMs).toBe(MIN_WINDOW_MS);
  });
});

describe("a window", () => {
  it("never leaves the video", () => {
    expect(panWindow({ startMs: 10_000, endMs: 20_000 }, -60_000, HOUR)).toEqual({ startMs: 0, endMs: 10_000 });
    expect(panWindow({ startMs: 10_000, endMs: 20_000 }, HOUR, HOUR)).toEqual({ startMs: HOUR - 10_000, endMs: HOUR });
  });

  it("shows a video shorter than the narrowest window whole", () => {
    expect(clampWindow({ startMs: 0, endMs: 400 }, 400)).toEqual({ startMs: 0, endMs: MIN_WINDOW_MS });
  });

  it("turns the page only when the playhead leaves it", () => {
    const window = { startMs: 10_000, endMs: 20_000 };
    expect(pageTo(window, 19_999, HOUR)).toBe(window);
    expect(pageTo(window, 20_000, HOUR)).toEqual({ startMs: 19_000, endMs: 29_000 });
  });
});

describe("the ruler", () => {
  it("takes the finest step that leaves room for its labels", () => {
    expect(rulerTicks({ startMs: 0, endMs: HOUR }, 1000).stepMs).toBe(600_000);
    expect(rulerTicks({ startMs: 0, endMs: 2_000 }, 1000).stepMs).toBe(200);
  });

  it("ticks on multiples of the step inside the window", () => {
    const { stepMs, ticks } = rulerTicks({ startMs: 61_000, endMs: 121_000 }, 600);
    expect(stepMs).toBe(10_000);
    expect(ticks).toEqual([70_000, 80_000, 90_000, 100_000, 110_000, 120_000]);
  });
});
