import { frameAt, type FrameTimes } from "./frames";

/** Frames a second as the exact fraction that the server gives, such as 30000/1001. */
export type FrameRate = { readonly num: number; readonly den: number };

export type TimecodeBase = {
  rate: FrameRate | null;
  /** SMPTE timecode of the first frame ("10:00:00:00"; a ";" before the frames says drop-frame), if the file has one. */
  start: string | null;
  /** Presentation times of all frames, where they are known already. */
  frames: FrameTimes | null;
};

export function parseFrameRate(text: string | null): FrameRate | null {
  const match = /^(\d+)(?:\/(\d+))?$/.exec(text ?? "");
  if (!match) return null;
  const num = Number(match[1]);
  const den = Number(match[2] ?? 1);
  return num > 0 && den > 0 ? { num, den } : null;
}

export function framesPerSecond(rate: FrameRate): number {
  return rate.num / rate.den;
}

const two = (value: number): string => String(value).padStart(2, "0");

function join(hours: number, minutes: number, seconds: number, frames: number, separator: string): string {
  return `${two(hours)}:${two(minutes)}:${two(seconds)}${separator}${two(frames)}`;
}

/** How many labels drop-frame skips at each minute but the tenth (SMPTE ST 12-1). */
const droppedPerMinute = (nominal: number): number => Math.round(nominal / 15);

/** The SMPTE label of frame number `frame`, counted from 00:00:00:00. */
export function labelOfFrame(frame: number, nominal: number, dropFrame: boolean): string {
  let label = frame;
  if (dropFrame) {
    const dropped = droppedPerMinute(nominal);
    const perMinute = nominal * 60 - dropped;
    const perTen = nominal * 600 - dropped * 9;
    const tens = Math.floor(frame / perTen);
    const rest = frame % perTen;
    label +=
      dropped * 9 * tens + (rest >= nominal * 60 ? dropped * (1 + Math.floor((rest - nominal * 60) / perMinute)) : 0);
  }
  const seconds = Math.floor(label / nominal);
  return join(
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
    seconds % 60,
    label % nominal,
    dropFrame ? ";" : ":",
  );
}

/** The frame number that a SMPTE label stands for; null if it is none. */
export function frameOfLabel(label: string, nominal: number): { frame: number; dropFrame: boolean } | null {
  const match = /^(\d{2}):(\d{2}):(\d{2})([:;.])(\d{2})$/.exec(label);
  if (!match) return null;
  const [hours, minutes, seconds, frames] = [match[1], match[2], match[3], match[5]].map(Number) as [
    number,
    number,
    number,
    number,
  ];
  const dropFrame = match[4] !== ":";
  const allMinutes = hours * 60 + minutes;
  const skipped = dropFrame ? droppedPerMinute(nominal) * (allMinutes - Math.floor(allMinutes / 10)) : 0;
  return { frame: (allMinutes * 60 + seconds) * nominal + frames - skipped, dropFrame };
}

function frameNumber(ms: number, base: TimecodeBase): number {
  if (base.frames && base.frames.length > 0) return frameAt(base.frames, ms);
  // A hair more than the quotient: a frame's own time, rounded down to whole ms, belongs to that frame.
  return base.rate ? Math.floor((Math.floor(ms) + 1) * (framesPerSecond(base.rate) / 1000) - 1e-9) : 0;
}

/**
 * HH:MM:SS:FF of a moment. With a start timecode it is the SMPTE label of the frame shown then; without one it is
 * elapsed time with the frames counted inside the second, which stays true for variable frame rates.
 */
export function timecodeAt(ms: number, base: TimecodeBase): string {
  const at = Math.max(0, ms);
  const nominal = base.rate ? Math.max(1, Math.round(framesPerSecond(base.rate))) : 0;
  const start = base.start && nominal ? frameOfLabel(base.start, nominal) : null;
  if (start) return labelOfFrame(start.frame + frameNumber(at, base), nominal, start.dropFrame);
  const seconds = Math.floor(at / 1000);
  const frame = base.frames || base.rate ? frameNumber(at, base) - firstFrameOf(seconds * 1000, base) : 0;
  return join(Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60, Math.max(0, frame), ":");
}

/** The first frame that is shown inside the second that begins at `ms`. */
function firstFrameOf(ms: number, base: TimecodeBase): number {
  if (base.frames && base.frames.length > 0) {
    const shown = frameAt(base.frames, ms);
    return (base.frames[shown] as number) < ms ? shown + 1 : shown;
  }
  return base.rate ? Math.ceil((ms * framesPerSecond(base.rate)) / 1000 - 1e-9) : 0;
}

/** "4:44" or "1:12:40": how long something lasts. */
export function clock(ms: number): string {
  const seconds = Math.round(Math.max(0, ms) / 1000);
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${two(minutes)}:${two(seconds % 60)}`;
}
