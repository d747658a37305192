import { useMutation, useQueryClient } from "@tanstack/react-query";

import { deleteAsset } from "@/api/assets";
import type { Asset } from "@/api/types";
import { t } from "@/messages";
import { showToast } from "@/naming/toasts";
import { Button, Dialog } from "@/ui";

type Props = { asset: Asset; open: boolean; onClose: () => void; onDeleted?: () => void };

/** Asks before a video is deleted: the one thing about a video that no undo brings back. */
export function DeleteDialog({ asset, open, onClose, onDeleted }: Props) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => deleteAsset(asset.id),
    onSuccess: () => {
      onClose();
      onDeleted?.();
    },
    onError: (error) => showToast({ kind: "error", error }),
    onSettled: () => client.invalidateQueries({ queryKey: ["assets"] }),
  });
  return (
    <Dialog title={t("asset.deleteTitle")} open={open} onClose={onClose}>
      <div className="dialog-body">
        <p className="t2">{t("asset.deleteText", { title: asset.title })}</p>
        {asset.in_place && <p className="t2">{t("asset.deleteInPlace", { path: asset.original_path })}</p>}
        <div className="row dialog-actions">
          <Button onClick={onClose}>{t("dialog.cancel")}</Button>
          <Button danger disabled={remove.isPending} onClick={() => remove.mutate()}>
            {t("asset.deleteConfirm")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
