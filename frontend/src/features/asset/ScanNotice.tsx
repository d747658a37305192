import { ChevronDown, CircleAlert, CircleStop, Info, RotateCcw } from "lucide-react";

import type { Asset } from "@/api/types";
import { Notice, PausedNotice } from "@/assets/Notice";
import { RescanItems } from "@/assets/ScanItems";
import { hasFailed, retryLabel, useRescan, wasStopped } from "@/assets/scans";
import { t } from "@/messages";
import { Button, Menu } from "@/ui";
import { useCanEdit } from "@/ui/useCanEdit";

/** Why the scan of a video that plays all the same did not end, with the way to try again. */
function Failed({ asset }: { asset: Asset }) {
  const canEdit = useCanEdit();
  const scan = useRescan(asset);
  return (
    <Notice look="failed" icon={<CircleAlert size={14} aria-hidden />}>
      <span>{asset.error?.detail}</span>
      {canEdit && (
        <Button small icon={<RotateCcw size={14} />} disabled={scan.isPending} onClick={() => scan.mutate(undefined)}>
          {retryLabel(asset)}
        </Button>
      )}
    </Notice>
  );
}

/** How much a scan that somebody stopped has left behind, with the ways to scan again. */
function Stopped({ asset }: { asset: Asset }) {
  const canEdit = useCanEdit();
  return (
    <Notice icon={<CircleStop size={14} aria-hidden />}>
      <span className="num">{asset.error?.detail}</span>
      {canEdit && (
        <Menu
          button={
            <button type="button" className="btn small">
              {t("asset.rescan")}
              <ChevronDown size={14} aria-hidden />
            </button>
          }
        >
          <RescanItems asset={asset} />
        </Menu>
      )}
    </Notice>
  );
}

/** Under the player: what is to be known of an asset's scan besides how far it is. */
export function ScanNotice({ asset, playable }: { asset: Asset; playable: boolean }) {
  if (asset.scan?.paused) return <PausedNotice />;
  if (wasStopped(asset)) return <Stopped asset={asset} />;
  if (hasFailed(asset) && playable) return <Failed asset={asset} />;
  return (
    asset.notice && (
      <Notice look="caution" icon={<Info size={14} aria-hidden />}>
        <span>{asset.notice}</span>
      </Notice>
    )
  );
}
