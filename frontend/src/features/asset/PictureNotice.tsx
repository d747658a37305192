import { useNavigate } from "@tanstack/react-router";
import { CircleAlert, RotateCcw, Trash2 } from "lucide-react";
import { useState } from "react";

import type { Asset } from "@/api/types";
import { DeleteDialog } from "@/assets/DeleteDialog";
import { hasFailed, retryLabel, useRescan } from "@/assets/scans";
import { t } from "@/messages";
import { percent } from "@/messages/format";
import { Button } from "@/ui";
import { useCanEdit } from "@/ui/useCanEdit";

function Failed({ asset }: { asset: Asset }) {
  const canEdit = useCanEdit();
  const navigate = useNavigate();
  const scan = useRescan(asset);
  const [deleting, setDeleting] = useState(false);
  return (
    <div className="picture-failed" role="alert">
      <CircleAlert size={26} strokeWidth={1.6} aria-hidden />
      <h2>{t(asset.fetching ? "player.notFetched" : "player.failed")}</h2>
      <p className="t2">{asset.error?.detail}</p>
      {canEdit && (
        <div className="row">
          <Button icon={<RotateCcw size={15} />} disabled={scan.isPending} onClick={() => scan.mutate(undefined)}>
            {retryLabel(asset)}
          </Button>
          <Button look="ghost" danger icon={<Trash2 size={15} />} onClick={() => setDeleting(true)}>
            {t("asset.delete")}
          </Button>
        </div>
      )}
      <DeleteDialog
        asset={asset}
        open={deleting}
        onClose={() => setDeleting(false)}
        onDeleted={() => void navigate({ to: "/", search: {} })}
      />
    </div>
  );
}

/** Where the original stays in place and is not there: where it was, and how it comes back. */
function Offline({ asset }: { asset: Asset }) {
  return (
    <div className="picture-notice" role="status">
      <b className="m">{t("player.offline")}</b>
      <span className="sm">{t("player.offlineWhere", { path: asset.original_path })}</span>
      <span className="sm">{t("player.stillWorks")}</span>
    </div>
  );
}

/** What stands where the video cannot be played: why, what works all the same, and what to do. */
export function PictureNotice({ asset }: { asset: Asset }) {
  const { state, progress } = asset.playback;
  if (state === "offline") return <Offline asset={asset} />;
  if (hasFailed(asset)) return <Failed asset={asset} />;
  const share = percent(progress);
  const [soon, going] = asset.fetching
    ? (["player.fetchingSoon", "player.fetching"] as const)
    : (["player.preparingSoon", "player.preparing"] as const);
  return (
    <div className="picture-notice" role="status">
      {state === "preparing" ? (
        <>
          <b className="m num">{progress > 0 ? t(going, { share }) : t(soon)}</b>
          <span
            className="progress"
            role="progressbar"
            aria-label={t(asset.fetching ? "player.fetchingLabel" : "player.preparingLabel")}
            aria-valuenow={Math.round(progress * 100)}
          >
            <i style={{ width: share }} />
          </span>
        </>
      ) : (
        <b className="m">{t("player.unavailable")}</b>
      )}
      {!asset.fetching && <span className="sm">{t("player.stillWorks")}</span>}
    </div>
  );
}
