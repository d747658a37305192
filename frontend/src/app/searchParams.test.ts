import { describe, expect, it } from "vitest";

import { readAssetSearch } from "@/features/asset/search";
import { readPersonSearch } from "@/features/search/search";

import { parseSearch, stringifySearch } from "./searchParams";

describe("an address", () => {
  it("says plainly what the page shows, and is read back", () => {
    const search = { sel: "unknown:5abc120a9b25d163", track: "17", t: 5005 };
    expect(stringifySearch(search)).toBe("?sel=unknown%3A5abc120a9b25d163&track=17&t=5005");
    expect(readAssetSearch(parseSearch(stringifySearch(search)))).toEqual(search);
  });

  it("repeats a parameter for a list", () => {
    const search = { all: ["1", "2"], none: ["3"], together: 0 as const };
    expect(stringifySearch(search)).toBe("?all=1&all=2&none=3&together=0");
    expect(readPersonSearch(parseSearch(stringifySearch(search)))).toEqual(search);
  });

  it("leaves out what makes no sense", () => {
    expect(readAssetSearch(parseSearch("?t=-5&from=abc&to=1e3&nonsense=1"))).toEqual({ to: 1000 });
    expect(readPersonSearch(parseSearch("?all=1&all=1&together=7"))).toEqual({ all: ["1"] });
  });
});
