import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Clapperboard, Sparkles, Upload } from "lucide-react";
import { useEffect } from "react";

import { composeSamples, samplesOptions } from "@/api/assets";
import { t } from "@/messages";
import { percent } from "@/messages/format";
import { Button, ErrorNotice } from "@/ui";
import { useCanEdit } from "@/ui/useCanEdit";

/** What to do first: bring videos, or try the samples. */
export function EmptyLibrary({ onChoose }: { onChoose: () => void }) {
  const client = useQueryClient();
  const canEdit = useCanEdit();
  const samples = useQuery({ ...samplesOptions, enabled: canEdit });
  const compose = useMutation({
    mutationFn: composeSamples,
    onSettled: () => client.invalidateQueries({ queryKey: samplesOptions.queryKey }),
  });
  const state = samples.data?.state;
  const progress = samples.data?.progress;
  useEffect(() => {
    // Each sample shows up as soon as it is composed.
    if (state === "composing" || state === "done") void client.invalidateQueries({ queryKey: ["assets"] });
  }, [client, state, progress]);

  if (!canEdit) return <p className="notice center t2">{t("library.emptyViewer")}</p>;
  return (
    <section className="empty-library">
      <span className="empty-library-mark">
        <Clapperboard size={30} strokeWidth={1.5} aria-hidden />
      </span>
      <h2>{t("library.empty")}</h2>
      <p className="t2">{t("library.emptyHint")}</p>
      <div className="row">
        <Button look="primary" icon={<Upload size={16} />} onClick={onChoose}>
          {t("library.choose")}
        </Button>
        {samples.data?.available && state !== "composing" && (
          <Button icon={<Sparkles size={16} />} disabled={compose.isPending} onClick={() => compose.mutate()}>
            {t("library.samples")}
          </Button>
        )}
      </div>
      {samples.data?.available && state !== "composing" && <p className="sm t3">{t("library.samplesHint")}</p>}
      {state === "composing" && (
        <div className="empty-library-progress" role="status">
          <span className="sm t2 num">{t("library.samplesComposing", { share: percent(progress ?? 0) })}</span>
          <div className="progress">
            <i style={{ width: `${(progress ?? 0) * 100}%` }} />
          </div>
        </div>
      )}
      {state === "failed" && (
        <p className="sm login-refused">{t("library.samplesFailed", { reason: samples.data?.error ?? "" })}</p>
      )}
      {compose.isError && <ErrorNotice error={compose.error} onRetry={() => compose.mutate()} />}
    </section>
  );
}
