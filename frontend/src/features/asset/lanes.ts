import type { Band, PersonRef, Track } from "@/api/types";

export type LaneGroup = "named" | "unknown" | "ignored";
export const LANE_GROUPS: readonly LaneGroup[] = ["named", "unknown", "ignored"];

/** How bands are numbered in a lane's column; also the order in which they are drawn. */
export const BANDS: readonly Band[] = ["confirmed", "auto", "suggested", "unknown", "ignored"];

/** One person or unknown over the whole asset. Element i of every column is the same track; sorted by start. */
export type Lane = {
  readonly key: string;
  readonly group: LaneGroup;
  readonly person: PersonRef | null;
  readonly unknown: string | null;
  readonly thumbnail: string | null;
  readonly tracks: readonly Track[];
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly bands: Uint8Array;
  /** Milliseconds in which the face is seen, overlaps counted once. */
  readonly screenTimeMs: number;
  readonly appearances: number;
};

export type LaneSort = "screen_time" | "first" | "name";

export function laneKeyOf(track: Track): string {
  if (track.band === "ignored") return `ignored:${track.unknown ?? track.person?.id ?? track.id}`;
  return track.person ? `person:${track.person.id}` : `unknown:${track.unknown ?? track.id}`;
}

/** Length of the union of sorted half-open intervals, and how many pieces it has. */
export function union(starts: ArrayLike<number>, ends: ArrayLike<number>): { length: number; pieces: number } {
  let length = 0;
  let pieces = 0;
  let reached = -Infinity;
  for (let i = 0; i < starts.length; i++) {
    const start = starts[i] as number;
    const end = ends[i] as number;
    if (start > reached) pieces++;
    length += Math.max(0, end - Math.max(start, reached));
    reached = Math.max(reached, end);
  }
  return { length, pieces };
}

function laneOf(key: string, tracks: Track[]): Lane {
  const sorted = [...tracks].sort((a, b) => a.start_ms - b.start_ms || a.end_ms - b.end_ms);
  const starts = Int32Array.from(sorted, (track) => track.start_ms);
  const ends = Int32Array.from(sorted, (track) => track.end_ms);
  const { length, pieces } = union(starts, ends);
  const best = sorted.reduce<Track | undefined>(
    (kept, track) => (!kept || track.quality > kept.quality ? track : kept),
    undefined,
  );
  const named = sorted.find((track) => track.person)?.person ?? null;
  const group: LaneGroup = key.startsWith("ignored:") ? "ignored" : named ? "named" : "unknown";
  return {
    key,
    group,
    person: named,
    unknown: sorted[0]?.unknown ?? null,
    thumbnail: best?.thumbnail ?? null,
    tracks: sorted,
    starts,
    ends,
    bands: Uint8Array.from(sorted, (track) => BANDS.indexOf(track.band)),
    screenTimeMs: length,
    appearances: pieces,
  };
}

const ORDER: Record<LaneSort, (a: Lane, b: Lane) => number> = {
  screen_time: (a, b) => b.screenTimeMs - a.screenTimeMs,
  first: (a, b) => (a.starts[0] ?? 0) - (b.starts[0] ?? 0),
  name: (a, b) => (a.person?.name ?? a.key).localeCompare(b.person?.name ?? b.key, undefined, { sensitivity: "base" }),
};

/** A lane for each person and unknown: the named before the unknown before the ignored, each group sorted. */
export function lanesOf(tracks: readonly Track[], sort: LaneSort): Lane[] {
  const byKey = new Map<string, Track[]>();
  for (const track of tracks) {
    const key = laneKeyOf(track);
    const lane = byKey.get(key);
    if (lane) lane.push(track);
    else byKey.set(key, [track]);
  }
  const lanes = Array.from(byKey, ([key, own]) => laneOf(key, own));
  return lanes.sort(
    (a, b) =>
      LANE_GROUPS.indexOf(a.group) - LANE_GROUPS.indexOf(b.group) || ORDER[sort](a, b) || a.key.localeCompare(b.key),
  );
}

/** The strongest thing that is said about a lane's person: what its mark shows. */
export const bandOf = (lane: Lane): Band =>
  BANDS[lane.bands.reduce((least, band) => Math.min(least, band), BANDS.length - 1)] ?? "unknown";

/** The track of a lane that is on the screen at `ms`, the latest begun where several are. */
export function trackAt(lane: Lane, ms: number): Track | null {
  for (let i = lane.tracks.length - 1; i >= 0; i--) {
    if ((lane.starts[i] as number) <= ms && ms < (lane.ends[i] as number)) return lane.tracks[i] ?? null;
  }
  return null;
}

/** The next (or previous) track that begins after (or before) `ms`. */
export function neighbour(lane: Lane, ms: number, direction: 1 | -1): Track | null {
  if (direction === 1) return lane.tracks.find((track) => track.start_ms > ms) ?? null;
  return lane.tracks.findLast((track) => track.start_ms < ms - 250) ?? null;
}

export type Row = { readonly y: number; readonly height: number } & (
  { kind: "group"; group: LaneGroup; count: number; folded: boolean } | { kind: "lane"; lane: Lane }
);

export const GROUP_HEIGHT = 24;
export const LANE_HEIGHT = 27;

/** Where each row of the timeline lies, in pixels from the top of the lanes. */
export function layoutRows(lanes: readonly Lane[], folded: ReadonlySet<LaneGroup>): { rows: Row[]; height: number } {
  const rows: Row[] = [];
  let y = 0;
  for (const group of LANE_GROUPS) {
    const own = lanes.filter((lane) => lane.group === group);
    if (own.length === 0) continue;
    rows.push({ kind: "group", group, count: own.length, folded: folded.has(group), y, height: GROUP_HEIGHT });
    y += GROUP_HEIGHT;
    if (folded.has(group)) continue;
    for (const lane of own) {
      rows.push({ kind: "lane", lane, y, height: LANE_HEIGHT });
      y += LANE_HEIGHT;
    }
  }
  return { rows, height: y };
}

/** The rows that touch [top, bottom); rows are sorted by y. */
export function rowsBetween(rows: readonly Row[], top: number, bottom: number): Row[] {
  return rows.filter((row) => row.y + row.height > top && row.y < bottom);
}
