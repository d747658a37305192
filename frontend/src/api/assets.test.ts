import { describe, expect, it } from "vitest";

import { nextLookMs } from "./assets";
import type { Asset } from "./types";

const film = { url: "/strip" } as Asset["filmstrip"];
const looked = (change: Partial<Asset>, state: Asset["playback"]["state"] = "ready"): number | false =>
  nextLookMs({
    status: "ready",
    still: false,
    filmstrip: film,
    playback: { url: null, state, progress: 0 },
    ...change,
  } as Asset);

describe("an open asset", () => {
  it("is looked at again often while it is scanned or made playable", () => {
    expect([looked({ status: "queued" }), looked({ status: "processing" }), looked({}, "preparing")]).toEqual([
      2_000, 2_000, 2_000,
    ]);
  });

  it("is looked at now and then until it has its filmstrip, however its scan ended", () => {
    expect([looked({ filmstrip: null }), looked({ filmstrip: null, status: "failed" })]).toEqual([10_000, 10_000]);
  });

  it("is left alone where nothing is to come", () => {
    expect([
      looked({}),
      looked({ filmstrip: null, still: true }),
      looked({ filmstrip: null }, "unavailable"),
      looked({ filmstrip: null }, "offline"),
    ]).toEqual([false, false, false, false]);
  });
});
