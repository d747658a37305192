"""Grouping the tracks of a library, without a database."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from faces.identity import grouping
from faces.identity.gallery import Faces
from faces.identity.grouping import Constraints, GroupingRule, group, propose_split

RULE = GroupingRule(radius=0.5, crowding=1.0, reach=0.55)
DIM = 128


def people(
    count: int, each: int, seed: int = 0, spread: float = 0.29
) -> tuple[NDArray[np.float16], NDArray[np.int64]]:
    """(n, dim) faces of made-up people, as far apart as dlib's: same 0.41, others 1.0; and (n,) who each is."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(count, DIM))
    centres *= 0.7 / np.linalg.norm(centres, axis=1, keepdims=True)
    who = np.repeat(np.arange(count), each)
    noise = random.normal(size=(len(who), DIM))
    noise *= spread / np.linalg.norm(noise, axis=1, keepdims=True)
    return (centres[who] + noise).astype(np.float16), who


def grouped(
    vectors: NDArray[np.float16],
    *,
    shot: list[int] | None = None,
    together: list[int] | None = None,
    apart: list[tuple[int, int]] | None = None,
    quality: NDArray[np.float32] | None = None,
    crowding: NDArray[np.float32] | None = None,
    ids: NDArray[np.int64] | None = None,
) -> list[int]:
    """Labels; tracks of one shot overlap in time, shots are distinct unless given."""
    n = len(vectors)
    constraints = Constraints(
        shot=np.array(shot if shot is not None else range(n), np.int64),
        start_ms=np.zeros(n, np.int64),
        end_ms=np.full(n, 1000, np.int64),
        together=np.array(together if together is not None else [-1] * n, np.int64),
        apart=np.array(apart or [], np.int64).reshape(-1, 2),
    )
    faces = Faces(vectors, crowding if crowding is not None else np.zeros(n, np.float32))
    labels = group(
        faces,
        quality if quality is not None else np.full(n, 0.8, np.float32),
        ids if ids is not None else np.arange(n),
        constraints,
        RULE,
    )
    return [int(label) for label in labels]


def same(labels: list[int]) -> NDArray[np.bool_]:
    """(n, n): whether two rows share a label."""
    found = np.array(labels)
    return np.asarray(found[:, None] == found)


def test_the_faces_of_each_person_become_one_group() -> None:
    vectors, who = people(12, 7)
    assert (same(grouped(vectors)) == same(who.tolist())).all()


def test_one_blurred_face_between_two_people_does_not_chain_them_together() -> None:
    vectors, _ = people(2, 6, spread=0.1)
    a, b = vectors[:6].mean(axis=0), vectors[6:].mean(axis=0)
    b = (a + (b - a) * 0.75 / np.linalg.norm((b - a).astype(np.float32))).astype(np.float16)
    vectors[6:] = b + (vectors[6:] - vectors[6:].mean(axis=0))
    blurred = ((a.astype(np.float32) + b.astype(np.float32)) / 2).astype(np.float16)
    quality = np.array([0.8] * 12 + [0.1], np.float32)
    labels = grouped(np.vstack([vectors, blurred]), quality=quality)
    assert labels[0] != labels[6]
    assert len(set(labels[:6])) == len(set(labels[6:12])) == 1


def test_two_in_one_picture_are_two_people() -> None:
    vectors, _ = people(1, 4)
    labels = grouped(vectors, shot=[0, 0, 1, 2])
    assert labels[0] != labels[1]
    assert set(labels[2:]) <= {labels[0], labels[1]}


def test_what_humans_keep_apart_stays_apart_and_what_they_join_is_joined() -> None:
    vectors, _ = people(2, 3)
    assert grouped(vectors, apart=[(0, 1)])[0] != grouped(vectors, apart=[(0, 1)])[1]
    labels = grouped(vectors, together=[7, -1, -1, 7, -1, -1], apart=[(0, 3)], shot=[0, 1, 2, 0, 4, 5])
    assert labels[0] == labels[3]


def test_crowded_faces_have_to_be_nearer() -> None:
    vectors, _ = people(1, 2, spread=0.35)
    far = float(np.linalg.norm(vectors[0].astype(np.float64) - vectors[1]))
    assert RULE.radius - 0.05 < far < RULE.radius + 0.05
    crowded = np.full(2, -0.06, np.float32)
    assert len(set(grouped(vectors, crowding=crowded))) == 2
    assert len(set(grouped(vectors, crowding=-crowded))) == 1


@settings(max_examples=25, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(0, 10_000))
def test_the_order_of_rows_does_not_matter_and_every_constraint_holds(random: object, seed: int) -> None:
    vectors, _ = people(6, 4, seed, spread=0.33)
    chance = np.random.default_rng(seed)
    n = len(vectors)
    shot = chance.integers(0, 15, n)
    apart = [(int(a), int(b)) for a, b in chance.integers(0, n, (4, 2)) if a != b]
    quality = chance.random(n).astype(np.float32)
    labels = grouped(vectors, shot=shot.tolist(), apart=apart, quality=quality)
    for a, b in apart:
        assert labels[a] != labels[b]
    together = same(labels) & ~np.eye(n, dtype=bool)
    assert not (together & (shot[:, None] == shot)).any()
    mixed = chance.permutation(n)
    back = np.argsort(mixed)
    again = grouped(
        vectors[mixed],
        shot=shot[mixed].tolist(),
        apart=[(int(back[a]), int(back[b])) for a, b in apart],
        quality=quality[mixed],
        ids=mixed,
    )
    assert [again[row] for row in back] == labels


def test_cells_find_what_looking_at_every_pair_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, who = people(300, 10, spread=0.29)
    everything = grouped(vectors)
    monkeypatch.setattr(grouping, "_BRUTE", 100)
    assert (same(grouped(vectors)) == same(everything)).mean() > 0.9999
    assert (same(everything) == same(who.tolist())).mean() > 0.9999


def test_a_mixed_group_is_proposed_to_be_split_and_one_of_one_piece_is_not() -> None:
    vectors, who = people(2, 5)
    n = len(who)
    free = Constraints(
        np.arange(n),
        np.zeros(n, np.int64),
        np.ones(n, np.int64),
        np.zeros(n, np.int64),
        np.empty((0, 2), np.int64),
    )
    faces = Faces(vectors, np.zeros(n, np.float32))
    quality, ids = np.full(n, 0.8, np.float32), np.arange(n)
    parts = propose_split(faces, quality, ids, free, RULE)
    assert sorted(part.tolist() for part in parts) == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]
    of_one = Constraints(free.shot[:5], free.start_ms[:5], free.end_ms[:5], free.together[:5], free.apart)
    assert propose_split(faces[np.arange(5)], quality[:5], ids[:5], of_one, RULE) == []
