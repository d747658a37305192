import type { RefObject } from "react";

import { useCommand } from "@/keys/useCommand";
import type { NameFieldHandle } from "@/naming/NameField";
import { framesPerSecond } from "@/time/timecode";

import { toggleFullScreen } from "./fullScreen";
import { neighbour, type Lane } from "./lanes";
import type { AssetView } from "./useAssetView";
import type { Naming } from "./useNaming";

/** The asset page's keys; those of the timeline's zoom are with the timeline. */
export function useAssetKeys(
  view: AssetView,
  naming: Naming,
  field: RefObject<NameFieldHandle | null>,
  pane: RefObject<HTMLElement | null>,
): void {
  const { player, lanes, selected, select, show, timecode } = view;
  const frameMs = timecode.rate ? 1000 / framesPerSecond(timecode.rate) : 40;

  useCommand("playPause", () => player.toggle());
  useCommand("frameBack", () => player.stepFrames(-1, frameMs));
  useCommand("frameForward", () => player.stepFrames(1, frameMs));
  useCommand("secondBack", () => player.seek(player.mediaMs - 1000));
  useCommand("secondForward", () => player.seek(player.mediaMs + 1000));
  useCommand("fullScreen", () => toggleFullScreen(pane.current));

  const stepLane = (step: 1 | -1): void => {
    const at = selected ? lanes.indexOf(selected) : step === 1 ? -1 : lanes.length;
    const next = lanes[at + step];
    if (next) select(next);
  };
  useCommand("previousLane", () => stepLane(-1));
  useCommand("nextLane", () => stepLane(1));

  const stepAppearance = (direction: 1 | -1): void => {
    const track = selected && neighbour(selected, player.frameMs, direction);
    if (selected && track) show(selected, track);
  };
  useCommand("previousAppearance", () => stepAppearance(-1));
  useCommand("nextAppearance", () => stepAppearance(1));

  /** The next unknown lane, at its first appearance that is still to come, else its first. */
  const stepUnknown = (step: 1 | -1): void => {
    const unknown = lanes.filter((lane) => lane.group === "unknown");
    const at = selected ? unknown.indexOf(selected) : -1;
    const next: Lane | undefined =
      at < 0 ? unknown.at(step === 1 ? 0 : -1) : unknown[(at + step + unknown.length) % unknown.length];
    if (!next) return;
    const track = next.tracks.find(({ start_ms }) => start_ms >= player.frameMs) ?? next.tracks[0];
    if (track) show(next, track);
  };
  useCommand("nextUnknown", () => stepUnknown(1));
  useCommand("previousUnknown", () => stepUnknown(-1));

  useCommand("name", () => field.current?.focus(), selected !== null && naming.canEdit);
  useCommand("confirm", naming.confirm, naming.canEdit);
  useCommand("reject", naming.reject, naming.canEdit);
  useCommand("ignore", naming.ignore, naming.canEdit);
  useCommand("notAFace", naming.notAFace, naming.canEdit);
}
