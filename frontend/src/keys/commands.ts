import type { MessageId } from "@/messages";

export type Scope = "everywhere" | "asset" | "inbox";
export type Group = "everywhere" | "player" | "timeline" | "naming";

type Command = { keys: readonly string[]; label: MessageId; group: Group; scopes: readonly Scope[] };

/**
 * Every key of the page, once: the handlers, the tooltips and the help all read it.
 * A key is written as `chordOf` writes an event: modifiers in the order Ctrl, Alt, Shift.
 */
export const COMMANDS = {
  playPause: { keys: ["Space", "K"], label: "keys.playPause", group: "player", scopes: ["asset"] },
  frameBack: { keys: ["ArrowLeft"], label: "keys.frameBack", group: "player", scopes: ["asset"] },
  frameForward: { keys: ["ArrowRight"], label: "keys.frameForward", group: "player", scopes: ["asset"] },
  secondBack: { keys: ["Shift+ArrowLeft"], label: "keys.secondBack", group: "player", scopes: ["asset"] },
  secondForward: { keys: ["Shift+ArrowRight"], label: "keys.secondForward", group: "player", scopes: ["asset"] },
  boxes: { keys: ["B"], label: "keys.boxes", group: "player", scopes: ["asset"] },
  fullScreen: { keys: ["F"], label: "keys.fullScreen", group: "player", scopes: ["asset"] },
  previousLane: { keys: ["ArrowUp"], label: "keys.previousLane", group: "timeline", scopes: ["asset", "inbox"] },
  nextLane: { keys: ["ArrowDown"], label: "keys.nextLane", group: "timeline", scopes: ["asset", "inbox"] },
  previousAppearance: { keys: [","], label: "keys.previousAppearance", group: "timeline", scopes: ["asset"] },
  nextAppearance: { keys: ["."], label: "keys.nextAppearance", group: "timeline", scopes: ["asset"] },
  zoomIn: { keys: ["+", "="], label: "keys.zoomIn", group: "timeline", scopes: ["asset"] },
  zoomOut: { keys: ["-"], label: "keys.zoomOut", group: "timeline", scopes: ["asset"] },
  fit: { keys: ["0"], label: "keys.fit", group: "timeline", scopes: ["asset"] },
  nextUnknown: { keys: ["N"], label: "keys.nextUnknown", group: "naming", scopes: ["asset", "inbox"] },
  previousUnknown: { keys: ["Shift+N"], label: "keys.previousUnknown", group: "naming", scopes: ["asset", "inbox"] },
  name: { keys: ["Enter"], label: "keys.name", group: "naming", scopes: ["asset", "inbox"] },
  confirm: { keys: ["Y"], label: "keys.confirm", group: "naming", scopes: ["asset", "inbox"] },
  reject: { keys: ["X"], label: "keys.reject", group: "naming", scopes: ["asset", "inbox"] },
  ignore: { keys: ["H"], label: "keys.ignore", group: "naming", scopes: ["asset", "inbox"] },
  notAFace: { keys: ["Backspace"], label: "keys.notAFace", group: "naming", scopes: ["asset"] },
  undo: { keys: ["U"], label: "keys.undo", group: "everywhere", scopes: ["everywhere"] },
  redo: { keys: ["Shift+U"], label: "keys.redo", group: "everywhere", scopes: ["everywhere"] },
  find: { keys: ["Ctrl+K", "/"], label: "keys.find", group: "everywhere", scopes: ["everywhere"] },
  help: { keys: ["?"], label: "keys.help", group: "everywhere", scopes: ["everywhere"] },
} as const satisfies Record<string, Command>;

export type CommandId = keyof typeof COMMANDS;

export const commandOf = (id: CommandId): Command => COMMANDS[id];

type KeyPress = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;

/** "Ctrl+K", "Shift+ArrowLeft", "?": Shift is named only where it does not already make another character. */
export function chordOf({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyPress): string {
  const name = key === " " ? "Space" : key.length === 1 ? key.toUpperCase() : key;
  const shiftCounts = shiftKey && (key.length > 1 || key === " " || key.toUpperCase() !== key.toLowerCase());
  return [ctrlKey || metaKey ? "Ctrl" : "", altKey ? "Alt" : "", shiftCounts ? "Shift" : "", name]
    .filter(Boolean)
    .join("+");
}

const meet = (a: readonly Scope[], b: readonly Scope[]): boolean =>
  a.includes("everywhere") || b.includes("everywhere") || a.some((scope) => b.includes(scope));

/** Pairs of commands that one key would call at the same time. */
export function collisions(commands: Record<string, Command>): [string, string, string][] {
  const entries = Object.entries(commands);
  return entries.flatMap(([a, left], i) =>
    entries
      .slice(i + 1)
      .filter(([, right]) => meet(left.scopes, right.scopes))
      .flatMap(([b, right]) =>
        left.keys.filter((key) => right.keys.includes(key)).map((key): [string, string, string] => [a, b, key]),
      ),
  );
}
