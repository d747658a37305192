/** How names are compared: without case and accents. They are shown as typed. */
export function fold(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{M}+/gu, "")
    .toLocaleLowerCase()
    .trim();
}

type Named = { name: string; aliases?: readonly string[] };

function startsAWord(name: string, folded: string): boolean {
  const text = fold(name);
  return text.startsWith(folded) || text.split(/[\s-]+/).some((word) => word.startsWith(folded));
}

/** Whom the typed text means if one presses Enter now: whose name or alias, or a word of it, begins so. */
export function completionFor<P extends Named>(typed: string, people: readonly P[]): P | null {
  const folded = fold(typed);
  if (!folded) return null;
  const whole = people.find((person) => fold(person.name) === folded);
  const prefix = people.find((person) => fold(person.name).startsWith(folded));
  const word = people.find((person) =>
    [person.name, ...(person.aliases ?? [])].some((name) => startsAWord(name, folded)),
  );
  return whole ?? prefix ?? word ?? null;
}

/** The rest of `name` after what was typed, as the field shows it greyed; empty where it does not continue it. */
export function ghostOf(typed: string, name: string | undefined): string {
  if (!typed.trim() || !name) return "";
  return fold(name.slice(0, typed.length)) === fold(typed) && name.length > typed.length
    ? name.slice(typed.length)
    : "";
}
