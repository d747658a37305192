import type { Band } from "@/api/types";
import { t } from "@/messages";

/** The small sign of a band: colour and pattern, as on the timeline. */
export function StateMark({ band, quiet }: { band: Band; quiet?: boolean }) {
  return (
    <span
      className={`state-mark ${band}`}
      role={quiet ? undefined : "img"}
      aria-label={quiet ? undefined : t(`band.${band}`)}
    />
  );
}
