"""The figures that screens show, stored: each function recounts the given rows from the resolution."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeAlias

from django.db import connection

from faces.identity.queries import identity_write
from faces.identity.wire import array, rows_of
from faces.models import Person, Unknown

_AT_ONCE = 2000
"""Recounted in one transaction: others wait about a second."""

Counted: TypeAlias = type[Person] | type[Unknown]

_ON_SCREEN = "(SELECT coalesce(sum(upper(span) - lower(span)), 0) FROM unnest(on_screen) AS span)"

# Tracks, assets, time on screen (a moment counts once), what waits for review, and the best picture.
_PEOPLE = f"""
    WITH member AS MATERIALIZED (
        SELECT r.person_id, r.band, t.id, t.asset_id, t.quality, t.start_ms, t.end_ms
          FROM faces_resolution r JOIN faces_track t ON t.id = r.track_id
         WHERE r.person_id = ANY(%(ids)s) AND r.band IN ('confirmed', 'auto')
    ), shown AS (
        SELECT person_id, asset_id, count(*) AS tracks, range_agg(int4range(start_ms, end_ms)) AS on_screen
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
    SELECT given.id, coalesce(total.tracks, 0) AS tracks, coalesce(total.assets, 0) AS assets,
           coalesce(total.ms, 0) AS screen_time_ms, coalesce(asked.tracks, 0) AS to_review,
           coalesce(chosen.track_id, best.id) AS cover_id
      FROM (SELECT unnest(%(ids)s::bigint[]) AS id) AS given
      LEFT JOIN total ON total.person_id = given.id
      LEFT JOIN asked ON asked.person_id = given.id
      LEFT JOIN best ON best.person_id = given.id
      LEFT JOIN chosen ON chosen.person_id = given.id
"""  # noqa: S608  the only thing put in is the constant above

# The same, over those tracks of an unknown that nobody is named for or, where all of these are ignored, over those.
_UNKNOWNS = f"""
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
    SELECT given.id, coalesce(open.tracks, 0) AS tracks, coalesce(open.assets, hidden.assets, 0) AS assets,
           coalesce(open.ms, hidden.ms, 0) AS screen_time_ms,
           coalesce(open.quality, hidden.quality, 0) AS quality, coalesce(hidden.tracks, 0) AS ignored,
           coalesce(asked.tracks, 0) AS asked, coalesce(cover.ids, '[]') AS covers
      FROM (SELECT unnest(%(ids)s::bigint[]) AS id) AS given
      LEFT JOIN total AS open ON open.unknown_id = given.id AND NOT open.ignored
      LEFT JOIN total AS hidden ON hidden.unknown_id = given.id AND hidden.ignored
      LEFT JOIN asked ON asked.unknown_id = given.id
      LEFT JOIN cover ON cover.unknown_id = given.id
"""  # noqa: S608  the only thing put in is the constant above

_FIGURES: dict[Counted, tuple[str, str]] = {
    Person: (_PEOPLE, "tracks, assets, screen_time_ms, to_review, cover_id"),
    Unknown: (_UNKNOWNS, "tracks, assets, screen_time_ms, quality, ignored, asked, covers"),
}


def recount_people(people: Collection[int]) -> None:
    """Count anew what these people appear in."""
    _recount(Person, people)


def recount_unknowns(unknowns: Collection[int]) -> None:
    """Count anew what these unknowns appear in."""
    _recount(Unknown, unknowns)


def owe(people: Collection[int], unknowns: Collection[int]) -> None:
    """Note that these are to be counted anew later: for work in batches, each of which touches many of them."""
    for counted, ids in ((Person, people), (Unknown, unknowns)):
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {counted._meta.db_table} SET uncounted = true WHERE id = ANY(%s) AND NOT uncounted",  # noqa: S608
                [array(ids)],
            )


def settle(progress: Callable[[int], object] = lambda done: None) -> None:
    """Count whatever is owed, some at a time, each time in a transaction of its own.

    What was owed by an earlier run that was killed is counted too. progress: told how many were counted.
    """
    done = 0
    for counted in _FIGURES:
        owed = list(
            counted._default_manager.filter(uncounted=True).order_by("pk").values_list("pk", flat=True)
        )
        for start in range(0, len(owed), _AT_ONCE):
            some = owed[start : start + _AT_ONCE]
            with identity_write():
                _recount(counted, some)
            done += len(some)
            progress(done)


def miscounted(counted: Counted, ids: Collection[int]) -> list[int]:
    """Of these people, or unknowns, those whose stored figures are not those of a recount; nothing is changed."""
    figures, names = _FIGURES[counted]
    stored, fresh = (", ".join(f"{of}.{name}" for name in names.split(", ")) for of in ("c", "f"))
    return [
        key
        for (key,) in rows_of(
            f"""
            SELECT c.id FROM {counted._meta.db_table} c JOIN ({figures}) AS f ON f.id = c.id
             WHERE ({stored}) IS DISTINCT FROM ({fresh}) ORDER BY 1
            """,  # noqa: S608  the only things put in are the constants above
            {"ids": array(ids)},
        )
    ]


def _recount(counted: Counted, ids: Collection[int]) -> None:
    if not ids:
        return
    figures, names = _FIGURES[counted]
    fresh = ", ".join(f"f.{name}" for name in names.split(", "))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE {counted._meta.db_table} c SET ({names}, uncounted) = ROW({fresh}, false)
              FROM ({figures}) AS f WHERE f.id = c.id
            """,  # noqa: S608  the only things put in are the constants above
            {"ids": array(ids)},
        )
