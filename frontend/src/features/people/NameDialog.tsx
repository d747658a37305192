import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState, type FormEvent } from "react";

import { ApiError } from "@/api/client";
import type { Person } from "@/api/types";
import { t } from "@/messages";
import { Button, Dialog, ErrorNotice } from "@/ui";

type Props = {
  title: string;
  action: string;
  initial?: string;
  open: boolean;
  onClose: () => void;
  save: (name: string, sameName: boolean) => Promise<Person>;
  onSaved: (person: Person) => void;
};

/** Asks for a person's name: for a new one, or for another name of an old one. */
export function NameDialog({ title, open, onClose, ...form }: Props) {
  return (
    <Dialog title={title} open={open} onClose={onClose}>
      <NameForm {...form} onClose={onClose} />
    </Dialog>
  );
}

function NameForm({ action, initial = "", onClose, save, onSaved }: Omit<Props, "title" | "open">) {
  const client = useQueryClient();
  const [name, setName] = useState(initial);
  const saving = useMutation({
    mutationFn: (sameName: boolean) => save(name.trim(), sameName),
    onSuccess: (person) => {
      for (const key of ["people", "person"]) void client.invalidateQueries({ queryKey: [key] });
      onClose();
      onSaved(person);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    saving.mutate(false);
  };
  const taken =
    saving.error instanceof ApiError && saving.error.code === "name-taken" ? saving.error.problem["person"] : null;
  return (
    <form className="dialog-body name-form" onSubmit={submit}>
      <label className="field">
        <span>{t("people.name")}</span>
        <input
          className="input"
          required
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <span className="t3">{t("people.nameHint")}</span>
      </label>
      {saving.isError && taken === null && <ErrorNotice error={saving.error} />}
      {typeof taken === "string" && (
        <div className="notice" role="alert">
          <p>{t("people.taken", { name: name.trim() })}</p>
          <div className="row">
            <Link to="/people/$personId" params={{ personId: taken }} className="btn small" onClick={onClose}>
              {t("people.openOther")}
            </Link>
            <Button small onClick={() => saving.mutate(true)}>
              {t("people.twoPeople")}
            </Button>
          </div>
        </div>
      )}
      <div className="row name-form-actions">
        <Button onClick={onClose}>{t("dialog.cancel")}</Button>
        <Button type="submit" look="primary" disabled={saving.isPending || name.trim() === ""}>
          {action}
        </Button>
      </div>
    </form>
  );
}
