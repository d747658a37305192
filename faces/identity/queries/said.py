"""What decisions in force say of tracks and of people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from faces.identity.resolve import PersonId, Said, Statement, TrackId
from faces.identity.wire import array, rows_of

_SAID = (
    """CASE WHEN d.verdict <> 'split' THEN d.verdict WHEN d.unknown_id IS NULL THEN 'is' ELSE 'is_not' END"""
)
"""A split gives its tracks to a new person or, without a name, takes them from the person whose they were."""


def statements(tracks: Collection[TrackId]) -> dict[TrackId, list[Statement]]:
    """What active decisions say of each track, oldest first; nothing is said of people who are no more."""
    said: dict[TrackId, list[Statement]] = defaultdict(list)
    for track, verdict, person in rows_of(
        f"""
        SELECT a.track_id, {_SAID} AS said, r.id
          FROM faces_attachment a
          JOIN faces_anchor n ON n.id = a.anchor_id
          JOIN faces_decision d ON d.id = n.decision_id
          LEFT JOIN faces_person p ON p.id = d.person_id
          LEFT JOIN faces_person r ON r.id = coalesce(p.merged_into_id, p.id)
         WHERE a.track_id = ANY(%s) AND d.active AND {_SAID} = ANY(%s)
           AND (r.id IS NULL AND d.verdict = 'not_a_face' OR NOT r.retired)
         ORDER BY d.id, a.track_id
        """,  # noqa: S608  the only thing put in is the constant above
        [array(tracks), [said.value for said in Said]],
    ):
        said[track].append(Statement(Said(verdict), person))
    return said


def tracks_spoken_of(people: Collection[PersonId]) -> set[TrackId]:
    """Every track of which some active decision speaks with one of these people in mind."""
    return {
        row[0]
        for row in rows_of(
            """
            SELECT DISTINCT a.track_id FROM faces_decision d
              JOIN faces_anchor n ON n.decision_id = d.id
              JOIN faces_attachment a ON a.anchor_id = n.id
             WHERE d.active AND d.person_id = ANY(%s)
            """,
            [list(people)],
        )
    }


def who_is_spoken_of(people: Collection[PersonId]) -> list[tuple[PersonId, TrackId]]:
    """(person, track) wherever some active decision speaks of a track with one of these people in mind."""
    return [
        (person, track)
        for person, track in rows_of(
            """
            SELECT DISTINCT d.person_id, a.track_id FROM faces_decision d
              JOIN faces_anchor n ON n.decision_id = d.id
              JOIN faces_attachment a ON a.anchor_id = n.id
             WHERE d.active AND d.person_id = ANY(%s)
            """,
            [list(people)],
        )
    ]


def said_of_exemplars(people: Collection[PersonId]) -> dict[PersonId, dict[tuple[str, int], str]]:
    """The last word of active decisions on each of people's faces: ("track" or "photo", id) → add or remove."""
    said: dict[PersonId, dict[tuple[str, int], str]] = defaultdict(dict)
    for person, verdict, photo, track in rows_of(
        """
        SELECT w.who, d.verdict, d.photo_id, a.track_id
          FROM faces_decision d
          JOIN (SELECT id, id AS who FROM faces_person WHERE id = ANY(%(p)s)
                 UNION ALL SELECT id, merged_into_id FROM faces_person WHERE merged_into_id = ANY(%(p)s)) AS w
            ON w.id = d.person_id
          LEFT JOIN faces_anchor n ON n.decision_id = d.id
          LEFT JOIN faces_attachment a ON a.anchor_id = n.id
         WHERE d.active AND d.verdict IN ('add_exemplar', 'remove_exemplar')
           AND (d.photo_id IS NOT NULL OR a.track_id IS NOT NULL)
         ORDER BY d.id
        """,
        {"p": list(people)},
    ):
        said[person][("photo", photo) if photo is not None else ("track", track)] = verdict
    return said


def who_confirmed(exemplars: Collection[int]) -> dict[int, str]:
    """For each of these faceprints, who said last that it is the person that it stands for."""
    if not exemplars:
        return {}
    return dict(
        rows_of(
            """
            SELECT DISTINCT ON (1) print, by_name FROM (
                SELECT f.id AS print, d.id, d.by_name
                  FROM faces_faceprint f
                  JOIN faces_attachment a ON a.track_id = f.track_id
                  JOIN faces_anchor n ON n.id = a.anchor_id
                  JOIN faces_decision d ON d.id = n.decision_id AND d.active AND d.verdict IN ('is', 'split')
                 WHERE f.id = ANY(%(e)s)
                UNION ALL
                SELECT f.id, d.id, d.by_name
                  FROM faces_faceprint f
                  JOIN faces_decision d ON d.photo_id = f.photo_id AND d.active AND d.verdict = 'enrol'
                 WHERE f.id = ANY(%(e)s)
            ) AS said ORDER BY 1, id DESC
            """,
            {"e": list(exemplars)},
        )
    )
