import { useMutation, useQueryClient } from "@tanstack/react-query";

import { fetchAgain, rescan, stopScan } from "@/api/assets";
import type { Asset, ScanMode } from "@/api/types";
import { t } from "@/messages";
import { showToast } from "@/naming/toasts";

/** The library has the file that a URL led to; once told so, one may still want it twice. */
const isDuplicate = (asset: Asset): boolean => asset.fetching && asset.error?.code === "already-here";

export const retryLabel = (asset: Asset): string => t(isDuplicate(asset) ? "asset.addTwice" : "asset.retry");

/** Whether somebody stopped its scan before all of it was ever read; nothing went wrong. */
export const wasStopped = (asset: Asset): boolean => asset.error?.code === "cancelled" && !asset.fetching;
/** Whether its scan waits for as long as scanning is paused; one that runs first ends what it has in hand. */
export const isHeldBack = (asset: Asset): boolean => asset.status === "queued" && asset.scan?.paused === true;
/** Whether it could not be fetched or scanned. */
export const hasFailed = (asset: Asset): boolean => asset.status === "failed" && !wasStopped(asset);

function useChange<Variables>(asset: Asset, change: (variables: Variables) => Promise<unknown>, said?: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => said && showToast({ kind: "note", text: said }),
    onError: (error) => showToast({ kind: "error", error }),
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["assets"] }),
        client.invalidateQueries({ queryKey: ["asset", asset.id] }),
      ]),
  });
}

/** Reads a video again, as usual or as told, or fetches what could not be had; what was decided about it is kept. */
export const useRescan = (asset: Asset) =>
  useChange(asset, (mode: ScanMode | undefined) =>
    asset.fetching ? fetchAgain(asset.id, isDuplicate(asset)) : rescan(asset.id, mode),
  );

/** Stops the scan of a video that waits or is under way; what was read before is kept. */
export const useStopScan = (asset: Asset) =>
  useChange(asset, stopScan, asset.scanned === 1 ? t("asset.stoppedAgain") : undefined);
