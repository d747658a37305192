import { CircleStop, Microscope, RotateCcw, Zap } from "lucide-react";

import type { Asset } from "@/api/types";
import { t } from "@/messages";
import { MenuGroup, MenuItem } from "@/ui";

import { hasFailed, retryLabel, useRescan, useStopScan } from "./scans";

const WAYS = [
  { mode: undefined, icon: RotateCcw, name: "asset.rescan.usual", hint: null },
  { mode: "fast", icon: Zap, name: "asset.rescan.fast", hint: "asset.rescan.fastHint" },
  { mode: "thorough", icon: Microscope, name: "asset.rescan.thorough", hint: "asset.rescan.thoroughHint" },
] as const;

/** In a menu: the ways of reading an asset again. Of a picture there is but one. */
export function RescanItems({ asset }: { asset: Asset }) {
  const scan = useRescan(asset);
  if (asset.still) {
    return (
      <MenuItem onClick={() => scan.mutate(undefined)}>
        <RotateCcw size={15} aria-hidden />
        {t("asset.rescan")}
      </MenuItem>
    );
  }
  return (
    <MenuGroup label={t("asset.rescan")}>
      {WAYS.map(({ mode, icon: Icon, name, hint }) => (
        <MenuItem key={name} onClick={() => scan.mutate(mode)}>
          <Icon size={15} aria-hidden />
          <span className="grow">
            {t(name)}
            {hint && <span className="menu-hint xs t2">{t(hint)}</span>}
          </span>
        </MenuItem>
      ))}
    </MenuGroup>
  );
}

/** In a menu: what can be done about an asset's scan. One that is open is stopped before there is another. */
export function ScanItems({ asset }: { asset: Asset }) {
  const again = useRescan(asset);
  const stop = useStopScan(asset);
  const { scan } = asset;
  if (scan) {
    return (
      <MenuItem onClick={() => stop.mutate(scan.id)}>
        <CircleStop size={15} aria-hidden />
        {t("asset.stop")}
      </MenuItem>
    );
  }
  if (hasFailed(asset)) {
    return (
      <MenuItem onClick={() => again.mutate(undefined)}>
        <RotateCcw size={15} aria-hidden />
        {retryLabel(asset)}
      </MenuItem>
    );
  }
  return asset.fetching ? null : <RescanItems asset={asset} />;
}
