import { Maximize, Pause, Play, SquareDashed, StepBack, StepForward, Volume2, VolumeX } from "lucide-react";
import { useEffect, useRef, useSyncExternalStore, type RefObject } from "react";

import { useCommand } from "@/keys/useCommand";
import { t } from "@/messages";
import { framesPerSecond, timecodeAt } from "@/time/timecode";
import { Button } from "@/ui";

import { toggleFullScreen } from "./fullScreen";
import type { AssetView } from "./useAssetView";

const RATES = [0.25, 0.5, 1, 1.5, 2, 4] as const;

type Props = {
  view: AssetView;
  pane: RefObject<HTMLElement | null>;
  /** Whether there is a video to play; the frames can be stepped through without one. */
  playable: boolean;
  /** A picture: nothing moves in it, so nothing is offered to move. */
  still: boolean;
  boxesShown: boolean;
  onBoxes: () => void;
};

/** The player's controls. The timecode is written straight into the page: it changes with every frame. */
export function Transport({ view, pane, playable, still, boxesShown, onBoxes }: Props) {
  const { player, timecode, durationMs } = view;
  const state = useSyncExternalStore(player.subscribe, player.getState);
  const now = useRef<HTMLSpanElement>(null);
  const fps = timecode.rate ? framesPerSecond(timecode.rate) : null;
  const frameMs = fps ? 1000 / fps : 40;
  useCommand("boxes", onBoxes);
  useEffect(
    () =>
      player.onTime((ms) => {
        if (now.current) now.current.textContent = timecodeAt(Math.round(ms), timecode);
      }),
    [player, timecode],
  );

  return (
    <div className="transport">
      {!still && (
        <>
          <Button
            look="ghost"
            icon={<StepBack size={17} strokeWidth={1.75} />}
            command="frameBack"
            disabled={durationMs === 0}
            onClick={() => player.stepFrames(-1, frameMs)}
          />
          <Button
            className="play"
            icon={state.playing ? <Pause size={16} fill="currentColor" /> : <Play size={16} fill="currentColor" />}
            command="playPause"
            label={state.playing ? t("player.pause") : t("player.play")}
            disabled={!playable}
            onClick={() => player.toggle()}
          />
          <Button
            look="ghost"
            icon={<StepForward size={17} strokeWidth={1.75} />}
            command="frameForward"
            disabled={durationMs === 0}
            onClick={() => player.stepFrames(1, frameMs)}
          />
          <span className="timecode num">
            <span ref={now} />
            <span className="t3"> / {timecodeAt(Math.max(0, durationMs - 1), { ...timecode, start: null })}</span>
          </span>
        </>
      )}
      <span className="grow" />
      {fps !== null && <span className="sm t3 num fps">{t("player.fps", { rate: Number(fps.toFixed(3)) })}</span>}
      {!still && (
        <select
          className="btn ghost small rate num"
          aria-label={t("player.rate")}
          value={state.rate}
          onChange={(event) => player.setRate(Number(event.target.value))}
        >
          {RATES.map((rate) => (
            <option key={rate} value={rate}>
              {t("player.rateValue", { rate })}
            </option>
          ))}
        </select>
      )}
      <Button
        small
        icon={<SquareDashed size={15} />}
        command="boxes"
        showKey
        aria-pressed={boxesShown}
        onClick={onBoxes}
      >
        {t("player.boxes")}
      </Button>
      {!still && (
        <Button
          look="ghost"
          icon={state.muted ? <VolumeX size={17} /> : <Volume2 size={17} />}
          label={state.muted ? t("player.unmute") : t("player.mute")}
          disabled={!playable}
          onClick={() => player.mute()}
        />
      )}
      <Button
        look="ghost"
        icon={<Maximize size={17} />}
        command="fullScreen"
        disabled={!playable}
        onClick={() => toggleFullScreen(pane.current)}
      />
    </div>
  );
}
