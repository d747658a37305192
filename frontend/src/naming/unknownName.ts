import { t } from "@/messages";

/** Enough of the 16 digits to tell two apart at a glance. */
const SHOWN_DIGITS = 6;

/** For where there is little room. */
export const shortUnknownName = (key: string): string => t("unknown.shortest", { key: key.slice(0, SHOWN_DIGITS) });

export function unknownName(key: string | null): string {
  return t("unknown.short", { key: (key ?? "").slice(0, SHOWN_DIGITS) });
}
