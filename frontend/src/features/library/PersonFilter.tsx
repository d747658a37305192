import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";

import { personOptions } from "@/api/people";
import { t } from "@/messages";
import "@/naming/naming.css";
import { PersonPicker } from "@/naming/PersonPicker";
import { Button, Face } from "@/ui";

function Chosen({ id, onRemove }: { id: string; onRemove: () => void }) {
  const { data } = useQuery(personOptions(id));
  const name = data?.name ?? "…";
  return (
    <span className="token">
      <Face src={data?.cover} size={22} round />
      <span className="m clip">{name}</span>
      <Button look="ghost" small icon={<X size={13} />} label={t("library.anyPerson", { name })} onClick={onRemove} />
    </span>
  );
}

type Props = { person: string | undefined; onChange: (person: string | undefined) => void };

/** Leaves only the videos in which one person appears. */
export function PersonFilter({ person, onChange }: Props) {
  return (
    <div className="person-filter">
      {person === undefined ? (
        <PersonPicker label={t("library.person")} onPick={({ id }) => onChange(id)} />
      ) : (
        <Chosen id={person} onRemove={() => onChange(undefined)} />
      )}
    </div>
  );
}
