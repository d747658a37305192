import { useQueries, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, type Ref } from "react";

import { assetOptions, posterUrl } from "@/api/assets";
import { unknownTracksOptions } from "@/api/unknowns";
import type { Track, Unknown } from "@/api/types";
import { useCommand } from "@/keys/useCommand";
import { t } from "@/messages";
import { NameCard } from "@/naming/NameCard";
import type { Named, NameFieldHandle } from "@/naming/NameField";
import { SuggestionCard } from "@/naming/SuggestionCard";
import { unknownName } from "@/naming/unknownName";
import { clock } from "@/time/timecode";
import { ErrorNotice, Skeletons } from "@/ui";
import { Strip } from "@/ui/Strip";

type Props = {
  unknown: Unknown;
  canEdit: boolean;
  field: Ref<NameFieldHandle>;
  onName: (named: Named) => void;
  onConfirm: () => void;
  /** With the tracks that are not the suggested person. */
  onReject: (tracks: readonly string[]) => void;
  onIgnore: () => void;
};

function byAsset(tracks: readonly Track[]): [string, Track[]][] {
  const groups = new Map<string, Track[]>();
  for (const track of tracks) groups.set(track.asset, [...(groups.get(track.asset) ?? []), track]);
  return [...groups];
}

function Videos({ unknown, tracks }: { unknown: Unknown; tracks: readonly Track[] }) {
  const groups = useMemo(() => byAsset(tracks), [tracks]);
  const assets = useQueries({ queries: groups.map(([id]) => assetOptions(id)) });
  return (
    <ul>
      {groups.map(([id, own], i) => {
        const asset = assets[i]?.data;
        return (
          <li key={id}>
            <Link
              to="/assets/$assetId"
              params={{ assetId: id }}
              search={{ sel: `unknown:${unknown.key}`, t: own[0]?.start_ms ?? 0 }}
              className="inbox-video"
            >
              <img src={posterUrl(id)} alt="" loading="lazy" />
              <span className="grow">
                <span className="m clip inbox-video-title">{asset?.title ?? "…"}</span>
                <Strip stretches={own} durationMs={asset?.duration_ms ?? 0} label={unknownName(unknown.key)} />
              </span>
              <span className="xs t3 num">
                {clock(own.reduce((sum, track) => sum + track.end_ms - track.start_ms, 0))}
              </span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}

export function FaceDetail({ unknown, canEdit, field, onName, onConfirm, onReject, onIgnore }: Props) {
  const tracks = useQuery(unknownTracksOptions(unknown.key));
  const suggested = (tracks.data?.results ?? [])
    .filter((track) => track.suggestion?.person.id === unknown.suggestion?.person.id)
    .map(({ id }) => id);
  const reject = (): void => onReject(suggested);
  useCommand("reject", reject, canEdit);
  return (
    <>
      <NameCard
        large
        unknown={unknown.key}
        thumbnail={unknown.thumbnails[0] ?? null}
        suggestion={unknown.suggestion}
        canEdit={canEdit}
        field={field}
        onName={onName}
        onReject={reject}
        onIgnore={onIgnore}
      />
      {unknown.suggestion && (
        <SuggestionCard
          suggestion={unknown.suggestion}
          thumbnails={unknown.thumbnails}
          canEdit={canEdit}
          onYes={onConfirm}
          onNo={reject}
        />
      )}
      <section>
        <h2 className="h3">{t("inbox.videos", { count: unknown.assets })}</h2>
        {tracks.isPending && <Skeletons count={3} height={40} className="inbox-skeleton" />}
        {tracks.isError && <ErrorNotice error={tracks.error} onRetry={() => void tracks.refetch()} />}
        {tracks.data && <Videos unknown={unknown} tracks={tracks.data.results} />}
      </section>
    </>
  );
}
