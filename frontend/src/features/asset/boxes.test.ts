import { describe, expect, it } from "vitest";

import { boxAt, fit } from "./boxes";

const track = {
  times: [1_000, 1_200, 2_000],
  boxes: [
    [10, 20, 30, 40],
    [20, 40, 30, 40],
    [90, 90, 50, 50],
  ],
};

describe("a face's box", () => {
  it("is the sample's at the sample", () => {
    expect(boxAt(track, 1_200)).toEqual({ left: 20, top: 40, width: 30, height: 40 });
  });

  it("moves in a straight line between near samples", () => {
    expect(boxAt(track, 1_050)).toEqual({ left: 12.5, top: 25, width: 30, height: 40 });
  });

  it("is not guessed across a gap of more than half a second", () => {
    expect(boxAt(track, 1_600)).toBeNull();
  });

  it("stays for up to half a second beyond its samples", () => {
    expect(boxAt(track, 600)).toEqual({ left: 10, top: 20, width: 30, height: 40 });
    expect(boxAt(track, 499)).toBeNull();
    expect(boxAt(track, 2_500)?.left).toBe(90);
    expect(boxAt(track, 2_501)).toBeNull();
  });

  it("is nowhere in a track without samples", () => {
    expect(boxAt({ times: [], boxes: [] }, 0)).toBeNull();
  });
});

describe("fitting a picture into a room", () => {
  it("keeps its shape", () => {
    expect(fit({ width: 1_920, height: 1_080 }, { width: 800, height: 800 })).toEqual({ width: 800, height: 450 });
    expect(fit({ width: 1_080, height: 1_920 }, { width: 800, height: 400 })).toEqual({ width: 225, height: 400 });
  });
});
