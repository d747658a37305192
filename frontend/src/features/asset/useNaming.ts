import type { DecisionRequest, PersonRef, Track } from "@/api/types";
import type { Named } from "@/naming/NameField";
import { useDecide } from "@/naming/useDecide";
import { useCanEdit } from "@/ui/useCanEdit";

import type { Lane } from "./lanes";
import type { AssetView } from "./useAssetView";

/** The suggestion that most of an unknown's tracks carry, with those tracks. */
export function suggestionOf(lane: Lane): { person: PersonRef; confidence: number; tracks: Track[] } | null {
  const byPerson = new Map<string, Track[]>();
  for (const track of lane.tracks) {
    if (track.suggestion)
      byPerson.set(track.suggestion.person.id, [...(byPerson.get(track.suggestion.person.id) ?? []), track]);
  }
  const tracks = [...byPerson.values()].sort((a, b) => b.length - a.length)[0];
  const suggestion = tracks?.[0]?.suggestion;
  if (!tracks || !suggestion) return null;
  return {
    person: suggestion.person,
    confidence: Math.max(...tracks.map((track) => track.suggestion?.confidence ?? 0)),
    tracks,
  };
}

/** The decisions that the asset page offers, about whatever is selected. Each does nothing where it makes no sense. */
export function useNaming({ selected, select, update, lanes, trackInHand }: AssetView) {
  const canEdit = useCanEdit();
  const decide = useDecide();

  const say = (request: DecisionRequest, person?: PersonRef | null): void => {
    if (!canEdit) return;
    decide.mutate(
      { request, person: person ?? null },
      {
        onSuccess: (decision) => {
          if (request.verdict === "is" && decision.person)
            update({ sel: `person:${decision.person.id}`, track: undefined });
        },
      },
    );
  };

  return {
    canEdit,
    say,
    /** Gives the lane's unknown a name, or this one appearance of a person another. */
    name: (lane: Lane, named: Named): void => {
      const person = "person" in named ? named.person : null;
      const whom = "person" in named ? { person: named.person.id } : { name: named.name };
      if (lane.unknown && lane.group === "unknown") say({ verdict: "is", unknown: lane.unknown, ...whom }, person);
      else {
        const track = trackInHand();
        if (track) say({ verdict: "is", tracks: [track.id], ...whom }, person);
      }
    },
    confirm: (): void => {
      const suggestion = selected && suggestionOf(selected);
      if (selected?.group === "unknown" && suggestion) {
        say(
          { verdict: "is", tracks: suggestion.tracks.map(({ id }) => id), person: suggestion.person.id },
          suggestion.person,
        );
      } else if (selected?.person) {
        const track = trackInHand();
        if (track && track.band !== "confirmed")
          say({ verdict: "is", tracks: [track.id], person: selected.person.id }, selected.person);
      }
    },
    reject: (): void => {
      const suggestion = selected && suggestionOf(selected);
      if (selected?.group === "unknown" && suggestion) {
        say({ verdict: "is_not", tracks: suggestion.tracks.map(({ id }) => id), person: suggestion.person.id });
      } else if (selected?.person) {
        const track = trackInHand();
        if (track) say({ verdict: "is_not", tracks: [track.id], person: selected.person.id });
      }
    },
    ignore: (): void => {
      if (selected?.group === "unknown" && selected.unknown) {
        const at = lanes.indexOf(selected);
        say({ verdict: "ignore", unknown: selected.unknown });
        const next = lanes[at + 1];
        select(next?.group === "unknown" ? next : null);
      }
    },
    notAFace: (): void => {
      const track = trackInHand();
      if (track) say({ verdict: "not_a_face", tracks: [track.id] });
    },
  };
}

export type Naming = ReturnType<typeof useNaming>;
