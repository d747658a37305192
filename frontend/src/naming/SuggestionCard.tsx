import { Check, Link2, X } from "lucide-react";
import { useQuery } from "@tanstack/react-query";

import { personOptions } from "@/api/people";
import type { Suggestion } from "@/api/types";
import { t } from "@/messages";
import { percent } from "@/messages/format";
import { Button, Face } from "@/ui";

type Props = {
  suggestion: Suggestion;
  thumbnails: readonly (string | null)[];
  canEdit: boolean;
  onYes: () => void;
  onNo: () => void;
};

/** "Same person as …?": the face beside the one whom it resembles. */
export function SuggestionCard({ suggestion, thumbnails, canEdit, onYes, onNo }: Props) {
  const { data: person } = useQuery(personOptions(suggestion.person.id));
  return (
    <div className="suggestion">
      <div className="row">
        <b className="grow">{t("name.same", { name: suggestion.person.name })}</b>
        <span className="pill suggested num">{t("name.match", { share: percent(suggestion.confidence) })}</span>
      </div>
      <div className="suggestion-pair">
        <figure>
          <span className="suggestion-faces">
            {thumbnails.slice(0, 2).map((src) => (
              <Face key={src} src={src} size={72} />
            ))}
          </span>
          <figcaption className="xs t2">{t("name.thisFace")}</figcaption>
        </figure>
        <Link2 size={18} aria-hidden />
        <figure>
          <span className="suggestion-faces">
            <Face src={person?.cover} size={72} />
          </span>
          <figcaption className="xs t2">{suggestion.person.name}</figcaption>
        </figure>
      </div>
      {canEdit && (
        <div className="suggestion-actions">
          <Button look="primary" small icon={<Check size={14} />} command="confirm" showKey onClick={onYes}>
            {t("name.yes")}
          </Button>
          <Button small icon={<X size={14} />} command="reject" showKey onClick={onNo}>
            {t("name.no")}
          </Button>
        </div>
      )}
    </div>
  );
}
