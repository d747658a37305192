import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { ImagePlus } from "lucide-react";
import { useRef } from "react";

import { CHANGED_BY_DECISIONS } from "@/api/decisions";
import { addPhoto, exemplarsOptions } from "@/api/people";
import type { Person } from "@/api/types";
import { t } from "@/messages";
import { showToast } from "@/naming/toasts";
import { Button, ErrorNotice, Face, More, Skeletons } from "@/ui";
import { useCanEdit } from "@/ui/useCanEdit";

/** What a person is recognised by, with the way to add a photograph. */
export function Exemplars({ person }: { person: Person }) {
  const client = useQueryClient();
  const canEdit = useCanEdit();
  const chooser = useRef<HTMLInputElement>(null);
  const query = useInfiniteQuery(exemplarsOptions(person.id));
  const exemplars = query.data?.pages.flatMap((page) => page.results) ?? [];
  const add = useMutation({
    mutationFn: (file: File) => addPhoto(person.id, file),
    onSuccess: ({ faces }) => showToast({ kind: "note", text: t("person.photoAdded", { faces }) }),
    onError: (error) => showToast({ kind: "error", error }),
    // A new exemplar is recognised everywhere at once.
    onSettled: () => Promise.all(CHANGED_BY_DECISIONS.map((key) => client.invalidateQueries({ queryKey: [key] }))),
  });
  return (
    <section className="panel exemplars" aria-labelledby="exemplars">
      <div className="row">
        <h2 id="exemplars">{t("person.exemplars")}</h2>
        <span className="xs t3 grow clip">{t("person.exemplarsNote")}</span>
        {canEdit && (
          <Button
            small
            icon={<ImagePlus size={15} />}
            disabled={add.isPending}
            onClick={() => chooser.current?.click()}
          >
            {add.isPending ? t("person.addingPhoto") : t("person.addPhoto")}
          </Button>
        )}
      </div>
      <input
        ref={chooser}
        type="file"
        hidden
        accept="image/*"
        aria-label={t("person.addPhoto")}
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) add.mutate(file);
          event.target.value = "";
        }}
      />
      {query.isPending && <Skeletons count={6} height={54} className="exemplar-grid" />}
      {query.isError && <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && exemplars.length === 0 && <p className="sm t2">{t("person.noExemplars")}</p>}
      <ul className="exemplar-grid">
        {exemplars.map(({ id, kind, thumbnail }) => (
          <li key={`${kind}${id}`}>
            <Face
              src={thumbnail}
              size={54}
              alt={t(kind === "photo" ? "person.exemplarPhoto" : "person.exemplarTrack")}
            />
          </li>
        ))}
      </ul>
      <More query={query} />
    </section>
  );
}
