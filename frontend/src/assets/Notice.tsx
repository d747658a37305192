import { CirclePause } from "lucide-react";
import type { ReactNode } from "react";

import { t } from "@/messages";

import "./notice.css";

type Props = { icon: ReactNode; children: ReactNode; look?: "caution" | "failed" };

/** One quiet line on how things stand. */
export function Notice({ icon, children, look }: Props) {
  return (
    <div className={`asset-notice sm t2 ${look ?? ""}`} role={look === "failed" ? "alert" : "note"}>
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
