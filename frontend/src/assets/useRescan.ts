import { useMutation, useQueryClient } from "@tanstack/react-query";

import { fetchAgain, rescan } from "@/api/assets";
import type { Asset } from "@/api/types";
import { t } from "@/messages";
import { showToast } from "@/naming/toasts";

/** The library has the file that a URL led to; once told so, one may still want it twice. */
const isDuplicate = (asset: Asset): boolean => asset.fetching && asset.error?.code === "already-here";

export const retryLabel = (asset: Asset): string => t(isDuplicate(asset) ? "asset.addTwice" : "asset.retry");

/** Reads a video again, or fetches what could not be had; what was decided about it is kept. */
export function useRescan(asset: Asset) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => (asset.fetching ? fetchAgain(asset.id, isDuplicate(asset)) : rescan(asset.id)),
    onError: (error) => showToast({ kind: "error", error }),
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["assets"] }),
        client.invalidateQueries({ queryKey: ["asset", asset.id] }),
      ]),
  });
}
