import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";

import { personOptions } from "@/api/people";
import { t } from "@/messages";
import { Button, Face } from "@/ui";

export const MODES = ["all", "any", "none"] as const;
export type Mode = (typeof MODES)[number];

/** One person of the query. */
export function Token({ mode, id, onRemove }: { mode: Mode; id: string; onRemove: () => void }) {
  const { data } = useQuery(personOptions(id));
  const name = data?.name ?? "…";
  return (
    <span className={`token ${mode}`}>
      <Face src={data?.cover} size={22} round />
      <span className="m">{t(`search.token.${mode}`, { name })}</span>
      <Button look="ghost" small icon={<X size={13} />} label={t("search.remove", { name })} onClick={onRemove} />
    </span>
  );
}
