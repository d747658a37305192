import { useEffect, useLayoutEffect, useRef, useState, type RefObject } from "react";

import type { Asset } from "@/api/types";
import { t } from "@/messages";

import { BoxesCanvas } from "./BoxesCanvas";
import { fit } from "./boxes";
import { PictureNotice } from "./PictureNotice";
import { ScanNotice } from "./ScanNotice";
import { Transport } from "./Transport";
import type { AssetView } from "./useAssetView";

type Props = { view: AssetView; asset: Asset; pane: RefObject<HTMLElement | null> };

const WIDE = { width: 16, height: 9 };

/** The size of the picture in the room that the stage leaves. */
function usePictureSize(stage: RefObject<HTMLDivElement | null>, asset: Asset): { width: number; height: number } {
  const [size, setSize] = useState({ width: 0, height: 0 });
  const { width, height } = asset;
  useLayoutEffect(() => {
    const element = stage.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => {
      const room = { width: element.clientWidth, height: element.clientHeight };
      setSize(fit(width && height ? { width, height } : WIDE, room));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [stage, width, height]);
  return size;
}

export function PlayerPane({ view, asset, pane }: Props) {
  const { player, update } = view;
  const video = useRef<HTMLVideoElement>(null);
  const [boxesShown, setBoxesShown] = useState(true);
  const [broken, setBroken] = useState(false);
  const room = useRef<HTMLDivElement>(null);
  const size = usePictureSize(room, asset);
  const { state, url } = asset.playback;
  const playable = state === "ready" && url !== null;

  useEffect(() => (video.current ? player.attach(video.current) : undefined), [player, playable, url]);

  // The moment is kept in the URL when the picture comes to rest there.
  useEffect(() => {
    let timer = 0;
    const stop = player.onTime((ms) => {
      clearTimeout(timer);
      if (ms > 0) timer = window.setTimeout(() => update({ t: Math.round(ms) }), 600);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [player, update]);

  return (
    <section className="player" ref={pane} aria-label={t("player.region")}>
      <div className="stage" ref={room}>
        <div
          className="picture"
          style={{ ...size, backgroundImage: asset.poster ? `url("${asset.poster}")` : undefined }}
        >
          {playable && asset.still && (
            <img src={url} alt={asset.title} onError={() => setBroken(true)} onLoad={() => setBroken(false)} />
          )}
          {playable && !asset.still && (
            // Captions of a library's own footage come as files beside it, if at all; there is none to offer here.
            // eslint-disable-next-line jsx-a11y/media-has-caption
            <video
              ref={video}
              src={url}
              preload="auto"
              playsInline
              disablePictureInPicture
              tabIndex={-1}
              aria-label={t("player.video", { title: asset.title })}
              onError={() => setBroken(true)}
              onLoadedMetadata={() => setBroken(false)}
            />
          )}
          {(asset.still || (playable && !broken)) && (
            // The poster stands for another moment of a video than that of the playhead.
            <BoxesCanvas view={view} asset={asset} shown={boxesShown} width={size.width} height={size.height} />
          )}
          {(!playable || broken) && <PictureNotice asset={asset} />}
        </div>
      </div>
      <Transport
        view={view}
        pane={pane}
        playable={playable && !broken}
        still={asset.still}
        boxesShown={boxesShown}
        onBoxes={() => setBoxesShown(!boxesShown)}
      />
      <ScanNotice asset={asset} playable={playable} />
    </section>
  );
}
