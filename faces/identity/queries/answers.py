"""The stored answers, and the tracks whose answers hang on one another."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connection

from faces.identity.resolve import Claim, PersonId, TrackId, Verdict
from faces.identity.wire import array, rows_of


def tracks_about(people: Collection[PersonId]) -> set[TrackId]:
    """Every track whose stored answer mentions one of these people: as name, suggestion, runner-up or yielded."""
    if not people:
        return set()
    return {
        row[0]
        for row in rows_of(
            """
            SELECT track_id FROM faces_resolution WHERE person_id = ANY(%(p)s)
             UNION SELECT track_id FROM faces_resolution WHERE runner_up_id = ANY(%(p)s)
             UNION SELECT track_id FROM faces_resolution WHERE yielded_id = ANY(%(p)s)
            """,
            {"p": array(people)},
        )
    }


def beside(tracks: Collection[TrackId], arriving: Collection[TrackId] = ()) -> list[tuple[TrackId, TrackId]]:
    """(track, other) for every track that is in the same picture as one of these at some moment: shown, or arriving."""
    return [
        (track, other)
        for track, other in rows_of(
            """
            SELECT t.id, o.id
              FROM faces_track t
              JOIN faces_track o ON o.scan_id = t.scan_id AND o.shot = t.shot AND o.id <> t.id
                                AND o.start_ms < t.end_ms AND o.end_ms > t.start_ms
              LEFT JOIN faces_resolution r ON r.track_id = o.id
             WHERE t.id = ANY(%s) AND (r.track_id IS NOT NULL OR o.id = ANY(%s))
            """,
            [array(tracks), array(arriving)],
        )
    ]


def beside_one_another(tracks: Collection[TrackId]) -> list[tuple[TrackId, TrackId]]:
    """(track, other), both among these and in the same picture at some moment; each pair both ways."""
    return [
        (track, other)
        for track, other in rows_of(
            """
            WITH t AS MATERIALIZED (
                SELECT id, scan_id, shot, start_ms, end_ms FROM faces_track WHERE id = ANY(%s)
            )
            SELECT t.id, o.id FROM t JOIN t AS o ON o.scan_id = t.scan_id AND o.shot = t.shot AND o.id <> t.id
                                                AND o.start_ms < t.end_ms AND o.end_ms > t.start_ms
            """,
            [array(tracks)],
        )
    ]


def claims_beside(
    tracks: Collection[TrackId], claiming: Collection[TrackId]
) -> list[tuple[TrackId, TrackId, Claim | None]]:
    """(track, other, claim) for every shown track that is in the same picture as one of these at some moment, and that
    has a stored claim or is one of the `claiming`; None where the stored answer came of none.
    """
    return [
        (track, other, None if person is None else Claim(distance, other, person))
        for track, other, person, distance in rows_of(
            """
            SELECT t.id, o.id, c.person, c.distance
              FROM faces_track t
              JOIN faces_track o ON o.scan_id = t.scan_id AND o.shot = t.shot AND o.id <> t.id
                                AND o.start_ms < t.end_ms AND o.end_ms > t.start_ms
              JOIN faces_resolution r ON r.track_id = o.id
             CROSS JOIN LATERAL (
                SELECT CASE WHEN r.yielded_id IS NOT NULL OR r.band IN ('confirmed', 'auto', 'ignored')
                            THEN coalesce(r.yielded_id, r.person_id) END AS person,
                       CASE WHEN r.band = 'confirmed' THEN -1
                            ELSE coalesce(r.yielded_distance, r.distance, -1) END AS distance) AS c
             WHERE t.id = ANY(%s) AND (c.person IS NOT NULL OR o.id = ANY(%s))
            """,
            [array(tracks), array(claiming)],
        )
    ]


def confirmed_beside(person: PersonId) -> set[PersonId]:
    """Everybody of whom humans confirmed a face that is in one picture with one that they confirmed as this person."""
    return {
        row[0]
        for row in rows_of(
            """
            SELECT DISTINCT ro.person_id
              FROM faces_resolution r
              JOIN faces_track t ON t.id = r.track_id
              JOIN faces_track o ON o.scan_id = t.scan_id AND o.shot = t.shot AND o.id <> t.id
                                AND o.start_ms < t.end_ms AND o.end_ms > t.start_ms
              JOIN faces_resolution ro ON ro.track_id = o.id AND ro.band = 'confirmed'
             WHERE r.person_id = %(p)s AND r.band = 'confirmed' AND ro.person_id <> %(p)s
            """,
            {"p": person},
        )
    }


class Extent(NamedTuple):
    """What some tracks of one asset come to. appearances: maximal intervals of one answer."""

    tracks: int
    appearances: int


def extents(shown_as: Mapping[TrackId, int]) -> dict[Any, Extent]:
    """How many of these tracks each asset has, and how many appearances they make up.

    shown_as: equal for two tracks that are shown under one person or one unknown.
    """
    return {
        asset: Extent(int(count), int(appearances))
        for asset, count, appearances in rows_of(
            """
            SELECT asset_id, sum(tracks), sum((SELECT count(*) FROM unnest(on_screen))) FROM (
                SELECT t.asset_id, count(*) AS tracks, range_agg(int4range(t.start_ms, t.end_ms)) AS on_screen
                  FROM unnest(%s::bigint[], %s::bigint[]) AS n(track, shown_as)
                  JOIN faces_track t ON t.id = n.track
                 GROUP BY t.asset_id, n.shown_as
            ) AS shown GROUP BY asset_id
            """,
            [array(shown_as), array(shown_as.values())],
        )
    }


def tracks_of_scans_after(scan: int, about: int) -> list[tuple[int, TrackId]]:
    """(scan, track) of the shown tracks of the next scans, whole ones, in order, some `about` tracks in all."""
    return [
        (scan_, track)
        for scan_, track in rows_of(
            """
            WITH next_ones AS (
                SELECT t.scan_id FROM faces_track t JOIN faces_resolution r ON r.track_id = t.id
                 WHERE t.scan_id > %(s)s ORDER BY t.scan_id LIMIT %(n)s
            )
            SELECT t.scan_id, t.id FROM faces_track t JOIN faces_resolution r ON r.track_id = t.id
             WHERE t.scan_id > %(s)s AND t.scan_id <= (SELECT max(scan_id) FROM next_ones) ORDER BY t.scan_id
            """,
            {"s": scan, "n": about},
        )
    ]


class Stored(NamedTuple):
    """What the database holds of a track's answer. unknown: what it is shown under while nobody is named."""

    model: str
    unknown: int
    verdict: Verdict


def stored_answers(tracks: Collection[TrackId]) -> dict[TrackId, Stored]:
    """The stored answers of those of these tracks that are shown."""
    return {
        row[0]: Stored(row[1], row[2], Verdict(*row[3:]))
        for row in rows_of(
            """
            SELECT track_id, model, unknown_id, band, person_id, distance, exemplar_id, runner_up_id,
                   runner_up_distance, yielded_id, yielded_distance
              FROM faces_resolution WHERE track_id = ANY(%s)
            """,
            [array(tracks)],
        )
    }


def rewrite_answers(answers: Sequence[tuple[TrackId, Verdict]], model: str) -> None:
    """Store these answers in the place of the old ones."""
    if not answers:
        return
    tracks, verdicts = zip(*answers, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE faces_resolution r
               SET band = n.band, person_id = n.person, distance = n.distance, exemplar_id = n.exemplar,
                   runner_up_id = n.runner_up, runner_up_distance = n.runner_up_distance,
                   yielded_id = n.yielded, yielded_distance = n.yielded_distance, model = %s
              FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::float8[], %s::bigint[], %s::bigint[],
                          %s::float8[], %s::bigint[], %s::float8[])
                   AS n(track, band, person, distance, exemplar, runner_up, runner_up_distance, yielded,
                        yielded_distance)
             WHERE r.track_id = n.track
            """,
            [
                model,
                array(tracks),
                *(
                    array(getattr(verdict, name) for verdict in verdicts)
                    for name in (
                        "band",
                        "person",
                        "distance",
                        "exemplar",
                        "runner_up",
                        "runner_up_distance",
                        "yielded",
                        "yielded_distance",
                    )
                ),
            ],
        )
