import { useEffect, useRef } from "react";

import { chordOf, commandOf, COMMANDS, type CommandId } from "./commands";

type Handler = () => void;

/** The handlers of each command, the most recently mounted last: that one is called. */
const handlers = new Map<CommandId, Handler[]>();

const byChord = new Map<string, CommandId[]>();
for (const id of Object.keys(COMMANDS) as CommandId[]) {
  for (const key of commandOf(id).keys) byChord.set(key, [...(byChord.get(key) ?? []), id]);
}

const TYPING =
  "input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [contenteditable=true]";
const PRESSABLE = "button, a[href], summary, [role=button], [role=menuitem], [role=option], [role=tab], input";
const OWNS_ARROWS =
  "[role=slider], [role=menu], [role=listbox], [role=tablist], [role=radiogroup], [role=separator], input";
/** Its rows are walked up and down; to the sides there is nothing. */
const OWNS_UP_AND_DOWN = "[role=grid]";

/** Whether the element that has the focus wants this key for itself. */
function wantsKey(target: Element, chord: string): boolean {
  if (chord.startsWith("Ctrl+")) return false;
  if (target.closest(TYPING)) return true;
  if (chord === "Enter" || chord === "Space") return target.closest(PRESSABLE) !== null;
  if (chord === "ArrowUp" || chord === "ArrowDown") {
    return target.closest(`${OWNS_ARROWS}, ${OWNS_UP_AND_DOWN}`) !== null;
  }
  return chord.includes("Arrow") && target.closest(OWNS_ARROWS) !== null;
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || document.querySelector("dialog:modal")) return;
  const chord = chordOf(event);
  if (event.target instanceof Element && wantsKey(event.target, chord)) return;
  for (const id of byChord.get(chord) ?? []) {
    const handler = handlers.get(id)?.at(-1);
    if (!handler) continue;
    event.preventDefault();
    handler();
    return;
  }
}

/** Listens for the page's keys; returns how to stop. */
export function listenForKeys(): () => void {
  window.addEventListener("keydown", onKeyDown);
  return () => window.removeEventListener("keydown", onKeyDown);
}

/** Calls `handler` on the command's keys while the component is mounted and `enabled`. */
export function useCommand(id: CommandId, handler: Handler, enabled = true): void {
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  });
  useEffect(() => {
    if (!enabled) return undefined;
    const call = (): void => latest.current();
    handlers.set(id, [...(handlers.get(id) ?? []), call]);
    return () => {
      handlers.set(
        id,
        (handlers.get(id) ?? []).filter((other) => other !== call),
      );
    };
  }, [id, enabled]);
}
