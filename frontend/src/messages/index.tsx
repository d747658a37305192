import { IntlMessageFormat, type PrimitiveType } from "intl-messageformat";
import { Children, type ReactNode } from "react";

import { en } from "./en";
import { LOCALE } from "./format";

export type MessageId = keyof typeof en;
type Values = Record<string, PrimitiveType>;
type RichValues = Record<string, PrimitiveType | ReactNode | ((chunks: ReactNode[]) => ReactNode)>;

const compiled = new Map<MessageId, IntlMessageFormat>();

function message(id: MessageId): IntlMessageFormat {
  let found = compiled.get(id);
  if (!found) {
    found = new IntlMessageFormat(en[id], LOCALE);
    compiled.set(id, found);
  }
  return found;
}

/** The message `id` in the reader's language; its ICU arguments come from `values`. */
export function t(id: MessageId, values?: Values): string {
  return String(message(id).format(values));
}

/** A message with elements inside: `<b>…</b>` in the text calls `values.b`. */
export function Message({ id, values }: { id: MessageId; values: RichValues }): ReactNode {
  const parts = message(id).format<ReactNode>(values as Record<string, PrimitiveType>);
  return Array.isArray(parts) ? Children.toArray(parts) : parts;
}

export const strong = (chunks: ReactNode[]): ReactNode => <strong>{chunks}</strong>;
