import type { Filmstrip } from "@/api/types";
import { tileAt, tileStyle } from "@/assets/filmstrip";
import { timecodeAt, type TimecodeBase } from "@/time/timecode";

/** The moment that the pointer is over; the card's tip is at (clientX, clientY). */
export type Peek = { ms: number; clientX: number; clientY: number };

type Props = { peek: Peek; film: Filmstrip; timecode: TimecodeBase };

/** What is to be seen at a moment, before anybody goes there. */
export function FramePeek({ peek: { ms, clientX, clientY }, film, timecode }: Props) {
  const middle = film.tile_width / 2 + 12;
  const left = Math.max(middle, Math.min(clientX, window.innerWidth - middle));
  return (
    <div className="hover-card frame-peek" aria-hidden style={{ left, top: clientY }}>
      <div className="frame-peek-tile" style={{ width: film.tile_width, ...tileStyle(film, tileAt(film, ms)) }} />
      <span className="xs t2 num">{timecodeAt(Math.round(ms), timecode)}</span>
    </div>
  );
}
