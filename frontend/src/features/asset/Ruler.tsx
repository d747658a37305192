import { useEffect, useRef, type KeyboardEvent, type PointerEvent } from "react";

import { t } from "@/messages";
import { spokenTime } from "@/messages/format";
import { rulerTicks, scaleOf, toMs, toPx } from "@/time/scale";
import { timecodeAt } from "@/time/timecode";

import type { Peek } from "./FramePeek";
import type { AssetView } from "./useAssetView";
import type { Zoom } from "./useTimeWindow";

/** Screen readers hear the position at most this often. */
const ANNOUNCE_MS = 1000;
const SECOND = 1000;

type Props = { view: AssetView; zoom: Zoom; width: number; onPeek: (peek: Peek | null) => void };

/** Time codes over the lanes. It is the slider by which the position is heard and set without a mouse. */
export function Ruler({ view, zoom, width, onPeek }: Props) {
  const { player, durationMs, timecode } = view;
  const slider = useRef<HTMLDivElement>(null);
  const scale = scaleOf(zoom.window, width);
  const { stepMs, ticks } = rulerTicks(zoom.window, width);

  useEffect(() => {
    let saidAt = -Infinity;
    const say = (): void => {
      slider.current?.setAttribute("aria-valuenow", String(player.frameMs));
      slider.current?.setAttribute("aria-valuetext", spokenTime(player.frameMs));
    };
    let timer = 0;
    const stop = player.onTime(() => {
      clearTimeout(timer);
      const wait = Math.max(0, saidAt + ANNOUNCE_MS - performance.now());
      timer = window.setTimeout(() => {
        saidAt = performance.now();
        say();
      }, wait);
    });
    say();
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [player]);

  const scrub = (event: PointerEvent<HTMLDivElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    const ms = toMs(scale, event.clientX - box.left);
    if (event.buttons === 1) player.seek(ms);
    onPeek(ms < durationMs ? { ms: Math.max(0, ms), clientX: event.clientX, clientY: box.top } : null);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const to = {
      ArrowLeft: player.mediaMs - SECOND,
      ArrowRight: player.mediaMs + SECOND,
      PageUp: player.mediaMs - 10 * SECOND,
      PageDown: player.mediaMs + 10 * SECOND,
      Home: 0,
      End: durationMs - 1,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    player.seek(to);
  };

  return (
    <div className="ruler">
      <span className="timeline-label" />
      <div
        className="ruler-scale"
        ref={slider}
        role="slider"
        tabIndex={0}
        aria-label={t("timeline.position")}
        aria-valuemin={0}
        aria-valuemax={durationMs}
        aria-valuenow={0}
        // By pointer it takes no focus: the arrow keys stay the frame steps that they are everywhere.
        onMouseDown={(event) => event.preventDefault()}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          scrub(event);
        }}
        onPointerMove={scrub}
        onPointerLeave={() => onPeek(null)}
        onKeyDown={onKeyDown}
      >
        {width > 0 &&
          ticks.map((ms) => {
            const label = timecodeAt(ms, timecode);
            return (
              <span key={ms} className="tick xs t3 num" aria-hidden style={{ left: toPx(scale, ms) }}>
                {stepMs < SECOND ? label : label.slice(0, -3)}
              </span>
            );
          })}
      </div>
    </div>
  );
}
