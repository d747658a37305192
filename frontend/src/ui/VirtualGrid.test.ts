import { describe, expect, it } from "vitest";

import { columnsIn } from "./VirtualGrid";

describe("a grid", () => {
  it("has as many columns as fit with their gaps", () => {
    expect(columnsIn(512, 248, 16)).toBe(2);
    expect(columnsIn(511, 248, 16)).toBe(1);
    expect(columnsIn(776, 248, 16)).toBe(3);
  });

  it("has one column in the narrowest place", () => {
    expect(columnsIn(0, 248, 16)).toBe(1);
  });
});
