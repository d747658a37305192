import { useId, useState, type KeyboardEvent } from "react";

type Choice = {
  /** How many options there are, and whether they are shown. */
  count: number;
  open: boolean;
  /** The option that is active while the arrow keys have not moved; -1 for none. */
  preferred: number;
  onChoose: (index: number, moved: boolean) => void;
  onEscape?: () => void;
};

/** Roles and keys of the ARIA combobox with a list below it; the caller draws input and options. */
export function useCombobox({ count, open, preferred, onChoose, onEscape }: Choice) {
  const list = useId();
  const [moved, setMoved] = useState<number | null>(null);
  const active = moved !== null && moved < count ? moved : preferred;
  const optionId = (index: number): string => `${list}-${index}`;

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.nativeEvent.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && count > 0) {
      event.preventDefault();
      setMoved(active < 0 ? (step > 0 ? 0 : count - 1) : (active + step + count) % count);
    } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      onChoose(active, moved !== null);
    } else if (event.key === "Escape" && onEscape) {
      event.preventDefault();
      onEscape();
    }
  };

  return {
    active,
    /** Call when the text changes: the arrow keys' choice no longer holds. */
    forget: () => setMoved(null),
    input: {
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-expanded": open && count > 0,
      "aria-controls": list,
      "aria-activedescendant": open && active >= 0 && count > 0 ? optionId(active) : undefined,
      autoComplete: "off",
      spellCheck: false,
      onKeyDown,
    } as const,
    list: { id: list, role: "listbox" } as const,
    option: (index: number) =>
      ({
        id: optionId(index),
        role: "option",
        "aria-selected": index === active,
        // Keeps the focus in the field.
        onMouseDown: (event: { preventDefault: () => void }) => event.preventDefault(),
        onMouseMove: () => setMoved(index),
        onClick: () => onChoose(index, true),
      }) as const,
  };
}
