import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { peopleMatchingOptions } from "@/api/people";
import type { Person } from "@/api/types";
import { t } from "@/messages";
import { Face } from "@/ui";
import { useCombobox } from "@/ui/useCombobox";

type Props = { label: string; onPick: (person: Person) => void };

/** Finds one person by name, on the server. */
export function PersonPicker({ label, onPick }: Props) {
  const [text, setText] = useState("");
  const [focused, setFocused] = useState(false);
  const q = text.trim();
  const { data } = useQuery({ ...peopleMatchingOptions(q), enabled: q !== "", placeholderData: keepPreviousData });
  const people = q ? (data ?? []) : [];
  const combobox = useCombobox({
    count: people.length,
    open: focused,
    preferred: people.length > 0 ? 0 : -1,
    onChoose: (index) => {
      const person = people[index];
      if (!person) return;
      setText("");
      combobox.forget();
      onPick(person);
    },
    onEscape: () => setText(""),
  });
  return (
    <div className="picker">
      <input
        {...combobox.input}
        className="input"
        aria-label={label}
        placeholder={label}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          combobox.forget();
        }}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
      />
      <ul
        {...combobox.list}
        aria-label={t("people.list")}
        className="menu picker-list"
        hidden={!focused || people.length === 0}
      >
        {people.map((person, i) => (
          <li key={person.id} {...combobox.option(i)} className="namefield-option">
            <Face src={person.cover} size={28} />
            <span className="grow m clip">{person.name}</span>
            <span className="xs t2">{t("name.videos", { count: person.assets })}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
