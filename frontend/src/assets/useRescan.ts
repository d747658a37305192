import { useMutation, useQueryClient } from "@tanstack/react-query";

import { rescan } from "@/api/assets";
import { showToast } from "@/naming/toasts";

/** Reads a video again; what was decided about it is kept. */
export function useRescan(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => rescan(id),
    onError: (error) => showToast({ kind: "error", error }),
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["assets"] }),
        client.invalidateQueries({ queryKey: ["asset", id] }),
      ]),
  });
}
