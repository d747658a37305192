"""The figures that screens show, stored: each function recounts the given rows from the resolution."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection

_ON_SCREEN = "(SELECT coalesce(sum(upper(span) - lower(span)), 0) FROM unnest(on_screen) AS span)"


def recount_people(people: Collection[int]) -> None:
    """Tracks, assets, time on screen (a moment counts once), what waits for review, and the best picture."""
    if not people:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH member AS MATERIALIZED (
                SELECT r.person_id, r.band, t.id, t.asset_id, t.quality, t.start_ms, t.end_ms
                  FROM faces_resolution r JOIN faces_track t ON t.id = r.track_id
                 WHERE r.person_id = ANY(%(ids)s) AND r.band IN ('confirmed', 'auto')
            ), shown AS (
                SELECT person_id, asset_id, count(*) AS tracks,
                       range_agg(int4range(start_ms, end_ms)) AS on_screen
                  FROM member GROUP BY 1, 2
            ), total AS (
                SELECT person_id, sum(tracks) AS tracks, count(*) AS assets, sum({_ON_SCREEN}) AS ms
                  FROM shown GROUP BY 1
            ), asked AS (
                SELECT person_id, count(*) AS tracks FROM faces_resolution
                 WHERE person_id = ANY(%(ids)s) AND band = 'suggested' GROUP BY 1
            ), best AS (
                SELECT DISTINCT ON (person_id) person_id, id
                  FROM member ORDER BY person_id, band = 'confirmed' DESC, quality DESC, id
            ), chosen AS (
                SELECT DISTINCT ON (d.person_id) d.person_id, a.track_id
                  FROM faces_decision d
                  JOIN faces_anchor n ON n.decision_id = d.id
                  JOIN faces_attachment a ON a.anchor_id = n.id
                  JOIN faces_resolution r ON r.track_id = a.track_id AND r.person_id = d.person_id
                 WHERE d.person_id = ANY(%(ids)s) AND d.active AND d.verdict = 'set_cover'
                   AND r.band IN ('confirmed', 'auto')
                 ORDER BY d.person_id, d.id DESC
            )
            UPDATE faces_person p
               SET tracks = coalesce(total.tracks, 0), assets = coalesce(total.assets, 0),
                   screen_time_ms = coalesce(total.ms, 0), to_review = coalesce(asked.tracks, 0),
                   cover_id = coalesce(chosen.track_id, best.id)
              FROM (SELECT unnest(%(ids)s::bigint[]) AS id) AS given
              LEFT JOIN total ON total.person_id = given.id
              LEFT JOIN asked ON asked.person_id = given.id
              LEFT JOIN best ON best.person_id = given.id
              LEFT JOIN chosen ON chosen.person_id = given.id
             WHERE p.id = given.id
            """,  # noqa: S608  the only thing put in is the constant above
            {"ids": list(people)},
        )


def recount_unknowns(unknowns: Collection[int]) -> None:
    """The same for unknowns, over those of their tracks that nobody is named for or, where all of these are ignored,
    over those."""
    if not unknowns:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH member AS MATERIALIZED (
                SELECT r.unknown_id, r.band, t.id, t.asset_id, t.quality, t.start_ms, t.end_ms
                  FROM faces_resolution r JOIN faces_track t ON t.id = r.track_id
                 WHERE r.unknown_id = ANY(%(ids)s) AND r.band <> 'not_a_face'
            ), shown AS (
                SELECT unknown_id, band = 'ignored' AS ignored, asset_id, count(*) AS tracks,
                       max(quality) AS quality, range_agg(int4range(start_ms, end_ms)) AS on_screen
                  FROM member WHERE band IN ('unknown', 'suggested', 'ignored') GROUP BY 1, 2, 3
            ), total AS (
                SELECT unknown_id, ignored, sum(tracks) AS tracks, count(*) AS assets, max(quality) AS quality,
                       sum({_ON_SCREEN}) AS ms
                  FROM shown GROUP BY 1, 2
            ), asked AS (
                SELECT unknown_id, count(*) AS tracks FROM member WHERE band = 'suggested' GROUP BY 1
            ), cover AS (
                SELECT unknown_id, jsonb_agg(id ORDER BY place) AS ids FROM (
                    SELECT unknown_id, id, row_number() OVER (
                               PARTITION BY unknown_id
                               ORDER BY band IN ('unknown', 'suggested') DESC, quality DESC, id) AS place
                      FROM member
                ) AS ranked WHERE place <= 4 GROUP BY 1
            )
            UPDATE faces_unknown u
               SET tracks = coalesce(open.tracks, 0), assets = coalesce(open.assets, hidden.assets, 0),
                   screen_time_ms = coalesce(open.ms, hidden.ms, 0),
                   quality = coalesce(open.quality, hidden.quality, 0),
                   ignored = coalesce(hidden.tracks, 0), asked = coalesce(asked.tracks, 0),
                   covers = coalesce(cover.ids, '[]')
              FROM (SELECT unnest(%(ids)s::bigint[]) AS id) AS given
              LEFT JOIN total AS open ON open.unknown_id = given.id AND NOT open.ignored
              LEFT JOIN total AS hidden ON hidden.unknown_id = given.id AND hidden.ignored
              LEFT JOIN asked ON asked.unknown_id = given.id
              LEFT JOIN cover ON cover.unknown_id = given.id
             WHERE u.id = given.id
            """,  # noqa: S608  the only thing put in is the constant above
            {"ids": list(unknowns)},
        )
