import type { Filmstrip } from "@/api/types";
import { tileOf, tileStyle } from "@/assets/filmstrip";

const CARD_RATIO = 16 / 9;

/** What is to be seen at a share, in [0, 1], of a video, over the whole of its card's picture. */
export function CardFilm({ film, share }: { film: Filmstrip; share: number }) {
  const wide = film.tile_width / film.tile_height > CARD_RATIO;
  return (
    <>
      <span
        className="card-film"
        style={{ ...tileStyle(film, tileOf(film, share)), ...(wide ? { height: "100%" } : { width: "100%" }) }}
      />
      <span className="card-film-at" style={{ insetInlineStart: `${share * 100}%` }} />
    </>
  );
}
