import { describe, expect, it } from "vitest";

import type { Asset } from "@/api/types";

import { hasFailed, isHeldBack, wasStopped } from "./scans";

const asset = (change: Partial<Asset>): Asset =>
  ({ status: "failed", fetching: false, error: null, scan: null, ...change }) as Asset;
const because = (code: string): Asset["error"] => ({ code, detail: "" });

describe("an asset's scan", () => {
  it("that somebody stopped has not failed", () => {
    const stopped = asset({ error: because("cancelled") });
    const broken = asset({ error: because("media-unreadable") });
    expect([stopped, broken].map((one) => [wasStopped(one), hasFailed(one)])).toEqual([
      [true, false],
      [false, true],
    ]);
  });

  it("is held back by a pause while it waits, not while it ends what it has in hand", () => {
    const held = { id: "1", paused: true };
    expect(isHeldBack(asset({ status: "queued", scan: held }))).toBe(true);
    expect(isHeldBack(asset({ status: "processing", scan: held }))).toBe(false);
    expect(isHeldBack(asset({ status: "queued", scan: { ...held, paused: false } }))).toBe(false);
    expect(isHeldBack(asset({ status: "queued" }))).toBe(false);
  });
});
