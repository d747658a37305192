import { describe, expect, it } from "vitest";

import { frameAt, seekTimeOf } from "./frames";
import { clock, frameOfLabel, labelOfFrame, parseFrameRate, timecodeAt } from "./timecode";

const NTSC = parseFrameRate("30000/1001");
/** Presentation times of 25 frames a second, in ms. */
const PAL_TIMES = Array.from({ length: 100 }, (_, i) => i * 40);

describe("frame times", () => {
  it("knows which frame is shown at a moment", () => {
    expect(frameAt(PAL_TIMES, 0)).toBe(0);
    expect(frameAt(PAL_TIMES, 39)).toBe(0);
    expect(frameAt(PAL_TIMES, 40)).toBe(1);
    expect(frameAt(PAL_TIMES, 99_999)).toBe(99);
  });

  it("seeks to the middle of a frame, also for variable rate and the last frame", () => {
    const times = [0, 33, 100, 140];
    expect(seekTimeOf(times, 1, 180)).toBe(66.5);
    expect(seekTimeOf(times, 3, 180)).toBe(160);
    expect(seekTimeOf(times, 9, 180)).toBe(160);
    expect(seekTimeOf(times, -1, 180)).toBe(16.5);
  });
});

describe("timecode", () => {
  it("counts elapsed time and the frames inside the second", () => {
    const base = { rate: parseFrameRate("25"), start: null, frames: PAL_TIMES };
    expect(timecodeAt(0, base)).toBe("00:00:00:00");
    expect(timecodeAt(1_040, base)).toBe("00:00:01:01");
    expect(timecodeAt(1_999, base)).toBe("00:00:01:24");
  });

  it("says the same without the frames' times where the rate is constant", () => {
    const base = { rate: parseFrameRate("25"), start: null, frames: null };
    expect(timecodeAt(1_421_320, base)).toBe("00:23:41:08");
  });

  it("starts from the file's own timecode", () => {
    const base = { rate: parseFrameRate("25"), start: "10:00:00:00", frames: PAL_TIMES };
    expect(timecodeAt(1_040, base)).toBe("10:00:01:01");
  });

  it("skips two labels at each minute but the tenth in drop-frame", () => {
    expect(labelOfFrame(1_799, 30, true)).toBe("00:00:59;29");
    expect(labelOfFrame(1_800, 30, true)).toBe("00:01:00;02");
    expect(labelOfFrame(17_982, 30, true)).toBe("00:10:00;00");
    expect(labelOfFrame(107_892, 30, true)).toBe("01:00:00;00");
  });

  it("reads each label back to its frame", () => {
    for (const frame of [0, 1_799, 1_800, 17_981, 17_982, 19_781, 19_782, 107_892, 1_000_003]) {
      expect(frameOfLabel(labelOfFrame(frame, 30, true), 30)).toEqual({ frame, dropFrame: true });
      expect(frameOfLabel(labelOfFrame(frame, 25, false), 25)).toEqual({ frame, dropFrame: false });
    }
  });

  it("stays with the clock for an hour of NTSC with a drop-frame start", () => {
    expect(timecodeAt(3_600_000, { rate: NTSC, start: "00:00:00;00", frames: null })).toBe("01:00:00;00");
  });

  it("shows a file without a known rate as elapsed time", () => {
    expect(timecodeAt(61_500, { rate: null, start: null, frames: null })).toBe("00:01:01:00");
  });

  it("reads only a fraction as a rate", () => {
    expect(parseFrameRate("30000/1001")).toEqual({ num: 30_000, den: 1_001 });
    expect(parseFrameRate("0/0")).toBeNull();
    expect(parseFrameRate("fast")).toBeNull();
  });
});

describe("a length", () => {
  it("shows hours only where there are any", () => {
    expect(clock(284_000)).toBe("04:44");
    expect(clock(4_360_000)).toBe("1:12:40");
  });
});
