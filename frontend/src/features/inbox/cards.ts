import type { Unknown } from "@/api/types";

/** A face in the inbox. One that was named stays where it is, `gone`, so that nothing moves under the cursor. */
export type Card = { readonly unknown: Unknown; readonly gone: boolean };

/**
 * The cards on the screen after the server's list has changed: known ones keep their place with fresh numbers, those
 * no longer listed are gone, and new ones that a later page brought come at the end.
 */
export function keepPlaces(before: readonly Card[], listed: readonly Unknown[], admitNew: boolean): Card[] {
  const fresh = new Map(listed.map((unknown) => [unknown.key, unknown]));
  const kept = before.map(({ unknown }): Card => {
    const now = fresh.get(unknown.key);
    return now ? { unknown: now, gone: false } : { unknown, gone: true };
  });
  if (!admitNew) return kept;
  const known = new Set(before.map(({ unknown }) => unknown.key));
  return [...kept, ...listed.filter(({ key }) => !known.has(key)).map((unknown): Card => ({ unknown, gone: false }))];
}

/** The nearest card after `key` that still waits for a name, else the nearest before. */
export function nextWaiting(cards: readonly Card[], key: string): Unknown | null {
  const at = cards.findIndex(({ unknown }) => unknown.key === key);
  const waits = (card: Card): boolean => !card.gone && card.unknown.key !== key;
  return (cards.slice(at + 1).find(waits) ?? cards.slice(0, Math.max(0, at)).findLast(waits))?.unknown ?? null;
}
