import type { components } from "./schema";

// The server's own shapes, generated from its OpenAPI document, under the names that the page uses.
type Schemas = components["schemas"];

export type Asset = Schemas["AssetOut"];
export type AssetBrief = Schemas["AssetBrief"];
export type AssetStatus = Asset["status"];
export type Band = Schemas["Band"];
export type Boxes = Schemas["BoxesOut"];
/** A decision that was made; only a preview has no id. */
export type Decision = Schemas["DecisionOut"] & { id: string };
export type Exemplar = Schemas["ExemplarOut"];
export type Filmstrip = Schemas["Filmstrip"];
export type Frames = Schemas["FramesOut"];
export type Person = Schemas["PersonOut"];
export type PersonAppearances = Schemas["PersonInAsset"];
export type PersonRef = Schemas["NamedPerson"];
export type PhotoAdded = Schemas["PhotoOut"];
export type Samples = Schemas["SamplesOut"];
export type ScanMode = Schemas["ModeEnum"];
export type SearchHit = Schemas["FoundAsset"];
export type Session = Schemas["SessionOut"];
export type Suggestion = Schemas["Suggestion"];
export type Track = Schemas["TrackOut"];
export type TrackBoxes = Schemas["BoxesOfTrack"];
export type Unknown = Schemas["UnknownOut"];
export type Verdict = Schemas["Verdict"];

export type Page<T> = { results: T[]; next: string | null };

type Whom = { name: string } | { person: string };

/** What the page says, more strictly than the schema can: which members go together. */
export type DecisionRequest =
  | ({ verdict: "is"; unknown: string } & Whom)
  | ({ verdict: "is"; tracks: string[] } & Whom)
  | { verdict: "is_not"; tracks: string[]; person: string }
  | { verdict: "ignore"; unknown: string }
  | { verdict: "not_a_face"; tracks: string[] };
