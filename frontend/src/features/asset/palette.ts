import { useEffect, useState } from "react";

import type { Band } from "@/api/types";

/** The theme's colours as a canvas needs them. */
export type Palette = Record<Band, string> & {
  onState: string;
  bg0: string;
  bg1: string;
  bg2: string;
  line: string;
  lineStrong: string;
  text3: string;
  accent: string;
  playhead: string;
};

function read(): Palette {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    confirmed: token("confirmed"),
    auto: token("auto"),
    suggested: token("suggested"),
    unknown: token("unknown"),
    ignored: token("line-strong"),
    onState: token("on-state"),
    bg0: token("bg0"),
    bg1: token("bg1"),
    bg2: token("bg2"),
    line: token("line"),
    lineStrong: token("line-strong"),
    text3: token("text3"),
    accent: token("accent"),
    playhead: token("playhead"),
  };
}

/** The palette of the theme that is on, also after it is changed. */
export function usePalette(): Palette {
  const [palette, setPalette] = useState(read);
  useEffect(() => {
    const observer = new MutationObserver(() => setPalette(read()));
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    return () => observer.disconnect();
  }, []);
  return palette;
}

/** Sizes a canvas's backing store for the screen, at most 2 × as fine, and clears it; drawing is in CSS pixels. */
export function prepare(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  const ratio = Math.min(window.devicePixelRatio || 1, 2);
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
  }
  const context = canvas.getContext("2d");
  if (!context) return null;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}
