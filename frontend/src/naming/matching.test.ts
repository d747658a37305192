import { describe, expect, it } from "vitest";

import { completionFor, fold, ghostOf } from "./matching";

const people = [
  { name: "Hanna Berg", aliases: [] },
  { name: "Erik Nordby", aliases: ["E. Nordby", "The Finance Man"] },
  { name: "Åse Lunde", aliases: [] },
  { name: "Erik", aliases: [] },
];

describe("what Enter would name", () => {
  it("takes the whole name before a longer one", () => {
    expect(completionFor("erik", people)?.name).toBe("Erik");
  });

  it("completes a name, a later word of it, or an alias", () => {
    expect(completionFor("erik n", people)?.name).toBe("Erik Nordby");
    expect(completionFor("nord", people)?.name).toBe("Erik Nordby");
    expect(completionFor("finance", people)?.name).toBe("Erik Nordby");
  });

  it("never takes a name that only contains the text", () => {
    expect(completionFor("anna", people)).toBeNull();
  });

  it("pays no heed to accents", () => {
    expect(completionFor("ase", people)?.name).toBe("Åse Lunde");
  });

  it("means nobody while nothing is typed", () => {
    expect(completionFor("  ", people)).toBeNull();
  });
});

describe("the greyed rest of a name", () => {
  it("continues what was typed, in the name's own letters", () => {
    expect(ghostOf("eri", "Erik Nordby")).toBe("k Nordby");
    expect(ghostOf("as", "Åse Lunde")).toBe("e Lunde");
  });

  it("is empty where the name does not continue the text", () => {
    expect(ghostOf("nord", "Erik Nordby")).toBe("");
    expect(ghostOf("Erik", "Erik")).toBe("");
    expect(ghostOf("Erik", undefined)).toBe("");
  });
});

describe("folding", () => {
  it("keeps scripts without case as they are", () => {
    expect(fold(" 山田 太郎 ")).toBe("山田 太郎");
  });
});
