import { describe, expect, it } from "vitest";

import { chordOf, collisions, COMMANDS } from "./commands";

const press = (key: string, held: Partial<Record<"ctrlKey" | "metaKey" | "altKey" | "shiftKey", boolean>> = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...held,
});

describe("the keys", () => {
  it("never give two commands the same key at once", () => {
    expect(collisions(COMMANDS)).toEqual([]);
  });

  it("are found to collide where they do", () => {
    const command = { keys: ["U"], label: "keys.undo", group: "everywhere", scopes: ["everywhere"] } as const;
    expect(collisions({ a: command, b: { ...command, scopes: ["asset"] } })).toEqual([["a", "b", "U"]]);
    expect(collisions({ a: { ...command, scopes: ["inbox"] }, b: { ...command, scopes: ["asset"] } })).toEqual([]);
  });

  it("are written as events are read", () => {
    const typed = /^[^A-Za-z]$|^[A-Z]$|^[A-Z][a-z]+|^(Ctrl|Alt|Shift)\+/;
    for (const { keys } of Object.values(COMMANDS)) for (const key of keys) expect(key).toMatch(typed);
  });
});

describe("a chord", () => {
  it("names Shift for letters and named keys only", () => {
    expect(chordOf(press("n"))).toBe("N");
    expect(chordOf(press("N", { shiftKey: true }))).toBe("Shift+N");
    expect(chordOf(press("?", { shiftKey: true }))).toBe("?");
    expect(chordOf(press("ArrowLeft", { shiftKey: true }))).toBe("Shift+ArrowLeft");
  });

  it("takes Command for Ctrl", () => {
    expect(chordOf(press("k", { metaKey: true }))).toBe("Ctrl+K");
    expect(chordOf(press("k", { ctrlKey: true }))).toBe("Ctrl+K");
  });

  it("calls the space bar by its name", () => {
    expect(chordOf(press(" "))).toBe("Space");
  });
});
