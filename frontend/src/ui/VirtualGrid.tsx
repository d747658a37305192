import { useVirtualizer } from "@tanstack/react-virtual";
import { useLayoutEffect, useState, type ReactNode } from "react";

type Props<T> = {
  items: readonly T[];
  keyOf: (item: T) => string;
  label: string;
  /** The least width of a cell; as many as fit share a row. Pixels. */
  minWidth: number;
  gap: number;
  /** The usual height of a row, until it is measured. */
  rowHeight: number;
  /** The item to keep in view. */
  reveal?: number;
  children: (item: T) => ReactNode;
};

/** How many cells of at least `minWidth` share a row. */
export function columnsIn(width: number, minWidth: number, gap: number): number {
  return Math.max(1, Math.floor((width + gap) / (minWidth + gap)));
}

/** A list of cards of any length: only the rows in view are in the page. Scrolls with the nearest `[data-scroll]`. */
export function VirtualGrid<T>({ items, keyOf, label, minWidth, gap, rowHeight, reveal, children }: Props<T>) {
  const [list, setList] = useState<HTMLDivElement | null>(null);
  const [{ width, margin }, setPlace] = useState({ width: 0, margin: 0 });
  const scroller = list?.closest<HTMLElement>("[data-scroll]") ?? null;
  useLayoutEffect(() => {
    if (!list || !scroller) return undefined;
    const observer = new ResizeObserver(() => {
      const above = list.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop;
      setPlace({ width: list.clientWidth, margin: Math.round(above) });
    });
    // What stands above the list in the same box moves it when it grows.
    for (const sibling of list.parentElement?.children ?? []) observer.observe(sibling);
    return () => observer.disconnect();
  }, [list, scroller]);

  const columns = columnsIn(width, minWidth, gap);
  const rows = useVirtualizer({
    count: width > 0 ? Math.ceil(items.length / columns) : 0,
    getScrollElement: () => scroller,
    estimateSize: () => rowHeight,
    scrollMargin: margin,
    gap,
    overscan: 2,
  });
  const row = reveal === undefined || reveal < 0 ? null : Math.floor(reveal / columns);
  useLayoutEffect(() => {
    if (row !== null && width > 0) rows.scrollToIndex(row, { align: "auto" });
    // Only when another item is to be seen: scrolling away from it is the reader's right.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [row, columns]);

  return (
    <div ref={setList} role="list" aria-label={label} style={{ position: "relative", height: rows.getTotalSize() }}>
      {rows.getVirtualItems().map(({ index, start }) => (
        <div
          key={index}
          ref={rows.measureElement}
          data-index={index}
          role="none"
          style={{
            position: "absolute",
            insetInline: 0,
            top: start - margin,
            display: "grid",
            gap,
            gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
            alignItems: "start",
          }}
        >
          {items.slice(index * columns, (index + 1) * columns).map((item) => (
            <div key={keyOf(item)} role="listitem">
              {children(item)}
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}
