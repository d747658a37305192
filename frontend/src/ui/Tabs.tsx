import { useRef, type KeyboardEvent } from "react";

import { count as formatCount } from "@/messages/format";

export type TabItem<Id extends string> = { id: Id; label: string; count?: number | undefined };

type Props<Id extends string> = {
  label: string;
  items: readonly TabItem<Id>[];
  selected: Id;
  onSelect: (id: Id) => void;
  /** The id of the element that shows the selected tab's content. */
  panel: string;
};

/** Tabs with one tab stop; the arrow keys move. */
export function Tabs<Id extends string>({ label, items, selected, onSelect, panel }: Props<Id>) {
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const at = items.findIndex(({ id }) => id === selected);
    const next = items[(at + step + items.length) % items.length];
    if (!next) return;
    event.preventDefault();
    onSelect(next.id);
    list.current?.querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus();
  };
  return (
    <div className="tabs" role="tablist" aria-label={label} ref={list} tabIndex={-1} onKeyDown={onKeyDown}>
      {items.map((item) => (
        <button
          key={item.id}
          type="button"
          role="tab"
          className="tab"
          data-tab={item.id}
          aria-selected={item.id === selected}
          aria-controls={panel}
          tabIndex={item.id === selected ? 0 : -1}
          onClick={() => onSelect(item.id)}
        >
          {item.label}
          {item.count !== undefined && <i>{formatCount(item.count)}</i>}
        </button>
      ))}
    </div>
  );
}
