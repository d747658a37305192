"""All the SQL that speaks of vectors and of intervals. Judgement lives in `resolve`, writing in `decisions`.

Vectors of two models are never compared: every query names its model. A distance in SQL only finds rows that may be
near; `gallery` computes those that count.
"""

from faces.identity.queries.answers import (
    Extent,
    Stored,
    beside,
    beside_one_another,
    claims_beside,
    confirmed_beside,
    extents,
    rewrite_answers,
    stored_answers,
    tracks_about,
    tracks_of_scans_after,
)
from faces.identity.queries.crowding import renew_crowding
from faces.identity.queries.groups import (
    Centre,
    Centres,
    Library,
    apart_by_splits,
    centres_near,
    homes_spoken_of,
    last_decision,
    library,
    size_of_library,
    store_centres,
    sums_of_unknowns,
    tracks_denied,
)
from faces.identity.queries.lock import AlreadyRunning, alone, identity_write, lock_identity
from faces.identity.queries.near import (
    Prints,
    albums,
    edition_of_albums,
    faces_near,
    faces_of_tracks,
    gallery,
    prints,
    tracks_within,
)
from faces.identity.queries.said import (
    said_of_exemplars,
    statements,
    tracks_spoken_of,
    who_confirmed,
    who_is_spoken_of,
)

__all__ = [
    "AlreadyRunning",
    "Centre",
    "Centres",
    "Extent",
    "Library",
    "Prints",
    "Stored",
    "albums",
    "alone",
    "apart_by_splits",
    "beside",
    "beside_one_another",
    "centres_near",
    "claims_beside",
    "confirmed_beside",
    "edition_of_albums",
    "extents",
    "faces_near",
    "faces_of_tracks",
    "gallery",
    "homes_spoken_of",
    "identity_write",
    "last_decision",
    "library",
    "lock_identity",
    "prints",
    "renew_crowding",
    "rewrite_answers",
    "said_of_exemplars",
    "size_of_library",
    "statements",
    "store_centres",
    "stored_answers",
    "sums_of_unknowns",
    "tracks_about",
    "tracks_denied",
    "tracks_of_scans_after",
    "tracks_spoken_of",
    "tracks_within",
    "who_confirmed",
    "who_is_spoken_of",
]
