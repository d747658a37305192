import { IntlMessageFormat } from "intl-messageformat";
import { describe, expect, it } from "vitest";

import { en } from "./en";

const sources = Object.values(
  import.meta.glob<string>("../**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true }),
).join("\n");

describe("the messages", () => {
  it("are all well-formed ICU", () => {
    for (const text of Object.values(en)) expect(() => new IntlMessageFormat(text, "en")).not.toThrow();
  });

  it("are all in use", () => {
    // Ids that end in a computed part are used by their stem: t(`status.${status}`).
    const unused = Object.keys(en).filter((id) => {
      const asIs = sources.split(`"${id}"`).length > 2;
      const stem = id.slice(0, id.lastIndexOf(".") + 1);
      return !asIs && !sources.includes(`\`${stem}$`);
    });
    expect(unused).toEqual([]);
  });
});
