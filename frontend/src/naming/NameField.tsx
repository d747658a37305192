import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { UserPlus } from "lucide-react";
import { useImperativeHandle, useRef, useState, type KeyboardEvent, type Ref } from "react";

import { peopleMatchingOptions } from "@/api/people";
import type { PersonRef, Suggestion } from "@/api/types";
import { t } from "@/messages";
import { percent } from "@/messages/format";
import { Face, KeyHint } from "@/ui";
import { useCombobox } from "@/ui/useCombobox";

import { completionFor, fold, ghostOf } from "./matching";

export type Named = { person: PersonRef } | { name: string };
export type NameFieldHandle = { focus: () => void };

type Props = {
  /** Whom the field is about, for screen readers. */
  who: string;
  placeholder?: string;
  suggestion?: Suggestion | null;
  onName: (named: Named) => void;
  onLeave?: () => void;
  ref?: Ref<NameFieldHandle>;
};

const MAX_NAME = 200;

/** Where a face gets its name: Tab accepts the completion, Enter saves, Ctrl Enter creates, Escape leaves. */
export function NameField({ who, placeholder, suggestion, onName, onLeave, ref }: Props) {
  const client = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [focused, setFocused] = useState(false);
  const typed = text.trim();
  const { data: found } = useQuery({
    ...peopleMatchingOptions(typed),
    enabled: typed !== "",
    placeholderData: keepPreviousData,
  });
  useImperativeHandle(ref, () => ({ focus: () => input.current?.focus() }), []);

  const matching = typed
    ? (found ?? []).filter((person) =>
        [person.name, ...person.aliases].some((name) => fold(name).includes(fold(typed))),
      )
    : [];
  const completion = completionFor(typed, matching);
  const ordered = completion ? [completion, ...matching.filter((person) => person !== completion)] : matching;
  const offersCreate = typed !== "" && !matching.some((person) => person.name === typed);
  const offersSuggestion = typed === "" && suggestion ? suggestion : null;
  const count = offersSuggestion ? 1 : ordered.length + (offersCreate ? 1 : 0);
  const ghost = ghostOf(text, completion?.name);

  const save = (named: Named): void => {
    setText("");
    combobox.forget();
    onName(named);
  };
  const create = (): void => {
    if (typed) save({ name: typed });
  };
  /** Enter without a choice by arrow key: whom the whole typed text means, also if the list is still on its way. */
  const saveTyped = async (): Promise<void> => {
    if (!typed) return;
    const people = await client.fetchQuery(peopleMatchingOptions(typed));
    const meant = completionFor(typed, people);
    save(meant ? { person: { id: meant.id, name: meant.name } } : { name: typed });
  };
  const choose = (index: number, moved: boolean): void => {
    if (offersSuggestion) {
      if (index === 0) save({ person: offersSuggestion.person });
    } else if (!moved) void saveTyped();
    else if (index < ordered.length) {
      const person = ordered[index];
      if (person) save({ person: { id: person.id, name: person.name } });
    } else create();
  };
  const combobox = useCombobox({
    count,
    open: focused,
    preferred: offersSuggestion ? -1 : completion ? 0 : count - 1,
    onChoose: choose,
    onEscape: () => {
      setText("");
      input.current?.blur();
      onLeave?.();
    },
  });

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.key === "Tab" && !event.shiftKey && ghost && completion) {
      event.preventDefault();
      setText(completion.name);
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      create();
    } else combobox.input.onKeyDown(event);
  };

  const open = focused && count > 0;
  return (
    <div className="namefield">
      <div className="namefield-box">
        <span className="namefield-ghost" aria-hidden>
          <span>{text}</span>
          {focused && ghost}
        </span>
        <input
          {...combobox.input}
          ref={input}
          aria-label={t("name.label", { who })}
          value={text}
          maxLength={MAX_NAME}
          placeholder={placeholder ?? t("name.placeholder")}
          onChange={(event) => {
            setText(event.target.value);
            combobox.forget();
          }}
          onKeyDown={onKeyDown}
          onFocus={() => setFocused(true)}
          onBlur={() => setFocused(false)}
        />
        {focused && ghost && <KeyHint chord="Tab" />}
        <KeyHint chord="Enter" />
      </div>
      <ul {...combobox.list} aria-label={t("name.options")} className="namefield-list" hidden={!open}>
        {offersSuggestion && (
          <li {...combobox.option(0)} className="namefield-option">
            <Face src={null} size={28} />
            <span className="grow m clip">{offersSuggestion.person.name}</span>
            <span className="pill suggested">{percent(offersSuggestion.confidence)}</span>
          </li>
        )}
        {!offersSuggestion &&
          ordered.map((person, index) => (
            <li key={person.id} {...combobox.option(index)} className="namefield-option">
              <Face src={person.cover} size={28} />
              <span className="grow">
                <span className="m clip namefield-name">{person.name}</span>
                <span className="xs t3 clip namefield-name">
                  {person.description || t("name.videos", { count: person.assets })}
                </span>
              </span>
              {suggestion?.person.id === person.id && (
                <span className="pill suggested">{percent(suggestion.confidence)}</span>
              )}
            </li>
          ))}
        {!offersSuggestion && offersCreate && (
          <li {...combobox.option(ordered.length)} className="namefield-option t2">
            <UserPlus size={16} aria-hidden style={{ marginInline: 6 }} />
            <span className="grow clip">{t("name.create", { name: typed })}</span>
            <KeyHint chord="Ctrl+Enter" />
          </li>
        )}
      </ul>
    </div>
  );
}
