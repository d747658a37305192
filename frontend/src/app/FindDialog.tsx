import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Film, Search } from "lucide-react";
import { useDeferredValue, useState } from "react";

import { assetsOptions } from "@/api/assets";
import { peopleMatchingOptions } from "@/api/people";
import { t } from "@/messages";
import { Dialog, Face } from "@/ui";
import { useCombobox } from "@/ui/useCombobox";

/** Ctrl K: people and videos by name, found on the server. */
export default function FindDialog({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const q = useDeferredValue(text.trim());
  const enabled = q !== "";
  const people = useQuery({ ...peopleMatchingOptions(q), enabled, placeholderData: keepPreviousData });
  const assets = useInfiniteQuery({
    ...assetsOptions({ q }),
    enabled,
    placeholderData: keepPreviousData,
    refetchInterval: false,
  });

  const persons = enabled ? (people.data ?? []) : [];
  const videos = enabled ? (assets.data?.pages[0]?.results ?? []).slice(0, 8) : [];
  const count = persons.length + videos.length;
  const open = (index: number): void => {
    const person = persons[index];
    const video = videos[index - persons.length];
    if (person) void navigate({ to: "/people/$personId", params: { personId: person.id } });
    else if (video) void navigate({ to: "/assets/$assetId", params: { assetId: video.id }, search: {} });
    else return;
    onClose();
  };
  const combobox = useCombobox({ count, open: true, preferred: count > 0 ? 0 : -1, onChoose: open, onEscape: onClose });
  const settled = enabled && !people.isFetching && !assets.isFetching;

  return (
    <Dialog title={t("find.title")} open onClose={onClose} className="find" bare>
      <div className="find-field">
        <Search size={18} aria-hidden />
        <input
          {...combobox.input}
          aria-label={t("find.field")}
          placeholder={t("top.search")}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            combobox.forget();
          }}
        />
        <kbd>Esc</kbd>
      </div>
      <ul {...combobox.list} aria-label={t("find.results")} className="find-list" hidden={count === 0}>
        {persons.map((person, i) => (
          <li key={person.id} {...combobox.option(i)} className="namefield-option">
            <Face src={person.cover} size={28} />
            <span className="grow m clip">{person.name}</span>
            <span className="xs t2">{t("name.videos", { count: person.assets })}</span>
          </li>
        ))}
        {videos.map((video, i) => (
          <li key={video.id} {...combobox.option(persons.length + i)} className="namefield-option">
            <span className="find-film">
              <Film size={16} aria-hidden />
            </span>
            <span className="grow m clip">{video.title}</span>
            <span className="xs t2">{t("find.video")}</span>
          </li>
        ))}
      </ul>
      {count === 0 && <p className="find-note t2">{settled ? t("find.none", { q }) : t("find.hint")}</p>}
    </Dialog>
  );
}
