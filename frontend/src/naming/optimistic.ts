import type { DecisionRequest, PersonRef, Track } from "@/api/types";

/** The id that a person has until the server has answered. */
export const PENDING_ID = "pending";

function concerns(request: DecisionRequest, track: Track): boolean {
  return "tracks" in request ? request.tracks.includes(track.id) : track.unknown === request.unknown;
}

/**
 * How the tracks on the screen look at once after a decision, before the server's answer replaces them.
 * It says only what is certain: which other tracks follow is the server's to tell.
 */
export function applyDecision(tracks: readonly Track[], request: DecisionRequest, person: PersonRef | null): Track[] {
  if (request.verdict === "not_a_face") return tracks.filter((track) => !concerns(request, track));
  return tracks.map((track) => {
    if (!concerns(request, track)) return track;
    if (request.verdict === "ignore") return { ...track, band: "ignored" };
    if (request.verdict === "is_not") {
      return track.person?.id === request.person || track.suggestion?.person.id === request.person
        ? { ...track, person: null, suggestion: null, band: "unknown" }
        : track;
    }
    return person
      ? { ...track, band: "confirmed", person, unknown: null, key: person.name, suggestion: null, confidence: 1 }
      : track;
  });
}
