import { Link } from "@tanstack/react-router";
import { CircleAlert, EllipsisVertical, Film, RotateCcw, Trash2 } from "lucide-react";
import { useState, type PointerEvent } from "react";

import type { Asset } from "@/api/types";
import { DeleteDialog } from "@/assets/DeleteDialog";
import { ScanItems } from "@/assets/ScanItems";
import { hasFailed, isHeldBack, retryLabel, useRescan, wasStopped } from "@/assets/scans";
import { t } from "@/messages";
import { date, percent } from "@/messages/format";
import { clock } from "@/time/timecode";
import { Button, Face, Menu, MenuItem } from "@/ui";
import { useCanEdit } from "@/ui/useCanEdit";

import { CardFilm } from "./CardFilm";

const SHOWN_FACES = 5;

function Status({ asset }: { asset: Asset }) {
  if (asset.offline) return <span className="pill">{t("status.offline")}</span>;
  if (asset.status === "ready") return null;
  if (wasStopped(asset)) return <span className="pill">{t("status.stopped")}</span>;
  if (isHeldBack(asset)) return <span className="pill">{t("status.paused")}</span>;
  const look = { queued: "", processing: "accent", failed: "danger" }[asset.status];
  const what = asset.fetching && asset.status === "processing" ? "fetching" : asset.status;
  return <span className={`pill num ${look}`}>{t(`status.${what}`, { share: percent(asset.progress) })}</span>;
}

/** Who is in it: the faces of the named, and how many are still without a name. */
function Cast({ asset: { cast, people, unknowns, status } }: { asset: Asset }) {
  const more = people - Math.min(cast.length, SHOWN_FACES);
  return (
    <>
      {people > 0 && (
        <span className="asset-cast" role="img" aria-label={t("library.cast", { count: people })}>
          {cast.slice(0, SHOWN_FACES).map(({ id, thumbnail }) => (
            <Face key={id} src={thumbnail} size={24} round />
          ))}
          {more > 0 && <span className="xs t3 num">{t("library.castMore", { count: more })}</span>}
        </span>
      )}
      {unknowns > 0 && <span className="sm t3 num">{t("library.unknowns", { count: unknowns })}</span>}
      {status === "ready" && people + unknowns === 0 && <span className="sm t3">{t("library.noFaces")}</span>}
    </>
  );
}

export function AssetCard({ asset }: { asset: Asset }) {
  const canEdit = useCanEdit();
  const [deleting, setDeleting] = useState(false);
  const [posterBroken, setPosterBroken] = useState(false);
  /** Where along the picture the pointer is, in [0, 1]. */
  const [over, setOver] = useState<number | null>(null);
  const scan = useRescan(asset);
  const failed = hasFailed(asset);
  const film = asset.filmstrip;
  const scrub = (event: PointerEvent<HTMLElement>): void => {
    if (event.pointerType === "touch") return; // there a finger on a card opens it
    const box = event.currentTarget.getBoundingClientRect();
    setOver(Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)));
  };

  return (
    <article className={`asset-card ${failed ? "failed" : ""}`}>
      <Link to="/assets/$assetId" params={{ assetId: asset.id }} search={{}} className="asset-card-link">
        <span className="visually-hidden">{asset.title}</span>
        <span className="asset-poster" onPointerMove={scrub} onPointerLeave={() => setOver(null)}>
          {failed && asset.error && asset.poster === null ? (
            <span className="asset-error sm" title={asset.error.detail}>
              <CircleAlert size={18} aria-hidden />
              <span>{asset.error.detail}</span>
            </span>
          ) : posterBroken || asset.poster === null ? (
            <Film size={28} strokeWidth={1.4} aria-hidden />
          ) : (
            <img src={asset.poster} alt="" loading="lazy" decoding="async" onError={() => setPosterBroken(true)} />
          )}
          {film && over !== null && <CardFilm film={film} share={over} />}
          {asset.duration_ms !== null && (
            <span className="asset-length num">{asset.still ? t("library.picture") : clock(asset.duration_ms)}</span>
          )}
          {asset.status === "processing" && (
            <span className="progress asset-progress">
              <i style={{ width: `${asset.progress * 100}%` }} />
            </span>
          )}
        </span>
      </Link>
      <div className="asset-card-text">
        <div className="row">
          <b className="m grow clip asset-title" title={asset.title}>
            {asset.title}
          </b>
          {canEdit && (
            <Menu
              button={
                <button
                  type="button"
                  className="btn ghost small icon"
                  aria-label={t("asset.menu", { title: asset.title })}
                >
                  <EllipsisVertical size={16} aria-hidden />
                </button>
              }
            >
              <ScanItems asset={asset} />
              <MenuItem onClick={() => setDeleting(true)}>
                <Trash2 size={15} aria-hidden />
                {t("asset.delete")}
              </MenuItem>
            </Menu>
          )}
        </div>
        <div className="sm t3 num clip">{date(asset.broadcast_date ?? asset.created)}</div>
        <div className="row asset-card-foot">
          <Cast asset={asset} />
          <span className="grow" />
          <Status asset={asset} />
          {failed && canEdit && (
            <Button
              small
              icon={<RotateCcw size={14} />}
              disabled={scan.isPending}
              onClick={() => scan.mutate(undefined)}
            >
              {retryLabel(asset)}
            </Button>
          )}
        </div>
      </div>
      <DeleteDialog asset={asset} open={deleting} onClose={() => setDeleting(false)} />
    </article>
  );
}
