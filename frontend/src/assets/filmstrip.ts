import type { CSSProperties } from "react";

import type { Filmstrip } from "@/api/types";

/** The tile of what is to be seen at that time. */
export const tileAt = ({ interval_ms, count }: Filmstrip, ms: number): number =>
  Math.min(Math.max(0, Math.floor(ms / interval_ms)), count - 1);

/** The tile at a share, in [0, 1], of the video's length. */
export const tileOf = ({ count }: Filmstrip, share: number): number =>
  Math.min(Math.max(0, Math.floor(share * count)), count - 1);

/** Shows one tile of the sheet in an element of whatever size. */
export function tileStyle({ url, columns, rows, tile_width, tile_height }: Filmstrip, tile: number): CSSProperties {
  const along = (index: number, of: number): string => `${of > 1 ? (index / (of - 1)) * 100 : 0}%`;
  return {
    aspectRatio: `${tile_width} / ${tile_height}`,
    backgroundImage: `url("${url}")`,
    backgroundSize: `${columns * 100}% ${rows * 100}%`,
    backgroundPosition: `${along(tile % columns, columns)} ${along(Math.floor(tile / columns), rows)}`,
  };
}
