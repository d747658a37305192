export const LOCALE = "en";

const number = new Intl.NumberFormat(LOCALE);
const percentFormat = new Intl.NumberFormat(LOCALE, { style: "percent", maximumFractionDigits: 0 });
const day = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short", year: "numeric" });
const moment = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "short" });
const relative = new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto", style: "narrow" });
const list = new Intl.ListFormat(LOCALE, { style: "narrow", type: "unit" });

export const count = (value: number): string => number.format(value);
/** `share` in [0, 1]. */
export const percent = (share: number): string => percentFormat.format(share);
export const date = (iso: string): string => day.format(new Date(iso));
export const dateTime = (iso: string): string => moment.format(new Date(iso));

const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** "2h ago"; within a minute "now". */
export function ago(iso: string, nowMs: number): string {
  const seconds = (new Date(iso).getTime() - nowMs) / 1000;
  const step = STEPS.find(([, size]) => Math.abs(seconds) >= size);
  return step ? relative.format(Math.trunc(seconds / step[1]), step[0]) : relative.format(0, "second");
}

function units(ms: number, display: "long" | "short" | "narrow"): string {
  const seconds = Math.round(Math.max(0, ms) / 1000);
  const parts: [string, number][] = [
    ["hour", Math.floor(seconds / 3600)],
    ["minute", Math.floor(seconds / 60) % 60],
    ["second", seconds % 60],
  ];
  const named = parts
    .filter(([unit, value]) => value > 0 || (unit === "second" && seconds === 0))
    .slice(0, display === "long" ? 3 : 2)
    .map(([unit, value]) => new Intl.NumberFormat(LOCALE, { style: "unit", unit, unitDisplay: display }).format(value));
  return display === "long"
    ? new Intl.ListFormat(LOCALE, { style: "long", type: "unit" }).format(named)
    : list.format(named);
}

/** "23 minutes, 41 seconds", for a screen reader. */
export const spokenTime = (ms: number): string => units(ms, "long");
/** "6 hr 12 min": the two largest units. */
export const roughLength = (ms: number): string => units(ms, "short");
/** "1.4 MB" */
export function fileSize(bytes: number): string {
  const [unit, size] =
    bytes >= 1e9
      ? (["gigabyte", 1e9] as const)
      : bytes >= 1e6
        ? (["megabyte", 1e6] as const)
        : (["kilobyte", 1e3] as const);
  return new Intl.NumberFormat(LOCALE, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 1 }).format(
    bytes / size,
  );
}
