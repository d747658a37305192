import { frameAt, seekTimeOf, type FrameTimes } from "@/time/frames";

export type PlayerState = {
  readonly playing: boolean;
  readonly muted: boolean;
  readonly rate: number;
  readonly ready: boolean;
  readonly failed: boolean;
};

const IDLE: PlayerState = { playing: false, muted: false, rate: 1, ready: false, failed: false };

/**
 * The video element and what is on its screen. Frames are told by requestVideoFrameCallback, never from currentTime,
 * which runs ahead of the picture; the playhead also moves at once when one seeks.
 */
export class Player {
  /** Where the playhead is. */
  mediaMs = 0;
  /** Presentation time of the frame on the screen. */
  shownMs = 0;
  #frames: FrameTimes | null = null;
  #durationMs = 0;
  #video: HTMLVideoElement | null = null;
  #state = IDLE;
  #wanted: number | null = null;
  readonly #stateListeners = new Set<() => void>();
  readonly #frameListeners = new Set<(ms: number) => void>();
  readonly #timeListeners = new Set<(ms: number) => void>();

  readonly getState = (): PlayerState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  };

  /** Calls `listener` with the presentation time of every frame that reaches the screen. */
  onFrame(listener: (ms: number) => void): () => void {
    this.#frameListeners.add(listener);
    listener(this.shownMs);
    return () => this.#frameListeners.delete(listener);
  }

  /** Calls `listener` with each place of the playhead. */
  onTime(listener: (ms: number) => void): () => void {
    this.#timeListeners.add(listener);
    listener(this.mediaMs);
    return () => this.#timeListeners.delete(listener);
  }

  /** What the server knows of the video: the times of its frames, once they are read, and its length. */
  learn(frames: FrameTimes | null, durationMs: number): void {
    this.#frames = frames;
    this.#durationMs = durationMs;
  }

  attach(video: HTMLVideoElement): () => void {
    this.#video = video;
    let stop = false;
    let handle = 0;
    const exact = "requestVideoFrameCallback" in video;
    const shown = (_now: number, metadata: VideoFrameCallbackMetadata): void => {
      if (stop) return;
      this.#show(metadata.mediaTime * 1000);
      handle = video.requestVideoFrameCallback(shown);
    };
    const guess = (): void => {
      if (stop) return;
      this.#show(video.currentTime * 1000);
      handle = requestAnimationFrame(guess);
    };
    handle = exact ? video.requestVideoFrameCallback(shown) : requestAnimationFrame(guess);

    const sync = (): void =>
      this.#set({
        playing: !video.paused && !video.ended,
        muted: video.muted,
        rate: video.playbackRate,
        ready: video.readyState >= 1,
        failed: video.error !== null,
      });
    const loaded = (): void => {
      sync();
      if (this.#wanted !== null) this.seek(this.#wanted);
    };
    const events = ["play", "pause", "ended", "ratechange", "volumechange", "error", "emptied"] as const;
    for (const event of events) video.addEventListener(event, sync);
    video.addEventListener("loadedmetadata", loaded);
    if (video.readyState >= 1) loaded();
    return () => {
      stop = true;
      if (exact) video.cancelVideoFrameCallback(handle);
      else cancelAnimationFrame(handle);
      for (const event of events) video.removeEventListener(event, sync);
      video.removeEventListener("loadedmetadata", loaded);
      this.#video = null;
      this.#set(IDLE);
    };
  }

  #set(state: PlayerState): void {
    this.#state = state;
    for (const listener of this.#stateListeners) listener();
  }

  #show(ms: number): void {
    this.shownMs = ms;
    for (const listener of this.#frameListeners) listener(ms);
    // A frame that an earlier seek brings late must not pull the playhead back from where it was sent since.
    if (!this.#video?.seeking) this.#moveTo(ms);
  }

  #moveTo(ms: number): void {
    if (ms === this.mediaMs) return;
    this.mediaMs = ms;
    for (const listener of this.#timeListeners) listener(ms);
  }

  /** Shows the frame at `ms`; before the video is ready, as soon as it is. */
  seek(ms: number): void {
    const to = Math.max(0, this.#durationMs > 0 ? Math.min(ms, this.#durationMs) : ms);
    if (this.#video && this.#video.readyState >= 1) {
      this.#wanted = null;
      this.#video.currentTime = to / 1000;
    } else this.#wanted = to;
    this.#moveTo(to);
  }

  /** The playhead as the server counts: whole milliseconds. */
  get frameMs(): number {
    return Math.round(this.mediaMs);
  }

  stepFrames(count: number, fallbackMs: number): void {
    this.#video?.pause();
    if (this.#frames && this.#frames.length > 0) {
      this.seek(seekTimeOf(this.#frames, frameAt(this.#frames, this.frameMs) + count, this.#durationMs));
    } else this.seek(this.mediaMs + count * fallbackMs);
  }

  toggle(): void {
    const video = this.#video;
    if (!video) return;
    if (video.paused) void video.play().catch(() => this.#set({ ...this.#state, playing: false }));
    else video.pause();
  }

  mute(): void {
    if (this.#video) this.#video.muted = !this.#video.muted;
  }

  setRate(rate: number): void {
    if (this.#video) this.#video.playbackRate = rate;
  }
}
