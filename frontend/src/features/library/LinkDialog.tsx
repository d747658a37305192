import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { addFromUrl } from "@/api/assets";
import { t } from "@/messages";
import { Button, Dialog, ErrorNotice } from "@/ui";

type Props = { open: boolean; onClose: () => void };

/** Asks for the address of a video, which the server then fetches by itself. */
export function LinkDialog({ open, onClose }: Props) {
  return (
    <Dialog title={t("link.title")} open={open} onClose={onClose}>
      <LinkForm onClose={onClose} />
    </Dialog>
  );
}

function LinkForm({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [url, setUrl] = useState("");
  const adding = useMutation({
    mutationFn: () => addFromUrl(url.trim()),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["assets"] });
      onClose();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    adding.mutate();
  };
  return (
    <form className="dialog-body" onSubmit={submit}>
      <label className="field">
        <span>{t("link.address")}</span>
        <input
          className="input"
          type="url"
          required
          placeholder="https://"
          value={url}
          onChange={(event) => setUrl(event.target.value)}
        />
        <span className="t3">{t("link.hint")}</span>
      </label>
      {adding.isError && <ErrorNotice error={adding.error} />}
      <div className="row dialog-actions">
        <Button onClick={onClose}>{t("dialog.cancel")}</Button>
        <Button type="submit" look="primary" disabled={adding.isPending || url.trim() === ""}>
          {t("link.add")}
        </Button>
      </div>
    </form>
  );
}
