import { CirclePause } from "lucide-react";
import type { ReactNode } from "react";

import { t } from "@/messages";

import "./notice.css";

type Props = { icon: ReactNode; children: ReactNode; urgent?: boolean };

/** One quiet line on how things stand; `urgent` where something went wrong. */
export function Notice({ icon, children, urgent = false }: Props) {
  return (
    <div className={`asset-notice sm t2 ${urgent ? "failed" : ""}`} role={urgent ? "alert" : "note"}>
      {icon}
      {children}
    </div>
  );
}

/** Why nothing is being scanned, and what goes on all the same. */
export function PausedNotice() {
  return (
    <Notice icon={<CirclePause size={14} aria-hidden />}>
      <span>{t("asset.pausedNote")}</span>
    </Notice>
  );
}
