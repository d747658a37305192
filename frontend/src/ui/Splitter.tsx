import { useState, type KeyboardEvent, type PointerEvent } from "react";

import "./splitter.css";

const KEY_STEP = 16;

type Range = { readonly initial: number; readonly min: number; readonly max: number };

/** A panel's size in pixels that the reader sets and this browser remembers. */
export function useStoredSize(name: string, { initial, min, max }: Range): [number, (size: number) => void] {
  const key = `dramatis.size.${name}`;
  const limit = (size: number): number => Math.round(Math.min(max, Math.max(min, size)));
  const [size, setSize] = useState(() => {
    const stored = localStorage.getItem(key);
    return limit(stored === null ? initial : Number(stored) || initial);
  });
  return [
    size,
    (next) => {
      setSize(limit(next));
      localStorage.setItem(key, String(limit(next)));
    },
  ];
}

type Props = Range & {
  label: string;
  /** "vertical": a line that moves sideways. The panel that it sizes lies after it. */
  orientation: "vertical" | "horizontal";
  size: number;
  onSize: (size: number) => void;
};

/** The line between two panels: drag it, or move it with the arrow keys; a double click sets it back. */
export function Splitter({ label, orientation, size, onSize, initial, min, max }: Props) {
  const upright = orientation === "vertical";
  const onPointerDown = (event: PointerEvent<HTMLDivElement>): void => {
    event.preventDefault();
    const element = event.currentTarget;
    const from = upright ? event.clientX : event.clientY;
    const move = (at: globalThis.PointerEvent): void => onSize(size + from - (upright ? at.clientX : at.clientY));
    element.setPointerCapture(event.pointerId);
    element.addEventListener("pointermove", move);
    element.addEventListener("lostpointercapture", () => element.removeEventListener("pointermove", move), {
      once: true,
    });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const grow = upright ? "ArrowLeft" : "ArrowUp";
    const shrink = upright ? "ArrowRight" : "ArrowDown";
    if (event.key !== grow && event.key !== shrink) return;
    event.preventDefault();
    onSize(size + (event.key === grow ? KEY_STEP : -KEY_STEP));
  };
  return (
    // A separator that can be focused is a widget, which the rule does not know.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      role="separator"
      className={`splitter ${orientation}`}
      aria-label={label}
      aria-orientation={orientation}
      aria-valuenow={size}
      aria-valuemin={min}
      aria-valuemax={max}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      onPointerDown={onPointerDown}
      onKeyDown={onKeyDown}
      onDoubleClick={() => onSize(initial)}
    />
  );
}
