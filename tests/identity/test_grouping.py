"""Grouping the tracks of a library, without a database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from faces.identity import neighbours
from faces.identity.constraints import Constraints
from faces.identity.gallery import Faces
from faces.identity.grouping import GroupingRule, group, propose_split
from faces.identity.neighbours import Folder, Kept

RULE = GroupingRule(radius=0.5, tighter=0.0, crowding=1.0, spread=0.086)
DIM = 128
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Library:
    """Faces, and what is known of them."""

    faces: Faces
    quality: NDArray[np.float32]
    ids: Rows
    known: Constraints

    @classmethod
    def of(cls, vectors: NDArray[np.floating], **known: object) -> Library:
        """Good faces of no crowding, each in a shot of its own, of which this is known."""
        n = len(vectors)
        arrays = {name: np.array(value, np.int64) for name, value in known.items()}
        faces = Faces(vectors.astype(np.float16), np.zeros(n, np.float32))
        return cls(faces, np.full(n, 0.8, np.float32), np.arange(n), replace(Constraints.none(n), **arrays))

    def __len__(self) -> int:
        return len(self.ids)

    def mixed(self, order: Rows) -> Library:
        """The same library with its rows in another order."""
        place, known = np.argsort(order), self.known
        return Library(
            self.faces[order],
            self.quality[order],
            self.ids[order],
            Constraints(
                known.shot[order],
                known.start_ms[order],
                known.end_ms[order],
                known.together[order],
                place[known.apart],
                known.person[order],
                np.stack([place[known.refused[:, 0]], known.refused[:, 1]], axis=1),
            ),
        )

    def groups(self, kept: Kept | None = None, rule: GroupingRule = RULE) -> list[int]:
        return [
            int(label) for label in group(self.faces, self.quality, self.ids, self.known, rule, kept=kept)
        ]


def people(count: int, each: int, seed: int = 0, spread: float = 0.29) -> tuple[NDArray[np.float16], Rows]:
    """(n, dim) faces of made-up people, as far apart as dlib's: same 0.41, others 1.0; and (n,) who each is."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(count, DIM))
    centres *= 0.7 / np.linalg.norm(centres, axis=1, keepdims=True)
    who = np.repeat(np.arange(count), each)
    noise = random.normal(size=(len(who), DIM))
    noise *= spread / np.linalg.norm(noise, axis=1, keepdims=True)
    return (centres[who] + noise).astype(np.float16), who


def along(*places: float) -> NDArray[np.float32]:
    """Faces on one line, at those places."""
    vectors = np.zeros((len(places), DIM), np.float32)
    vectors[:, 0] = places
    return vectors


def same(labels: list[int]) -> NDArray[np.bool_]:
    """(n, n): whether two rows share a label."""
    found = np.array(labels)
    return np.asarray(found[:, None] == found)


@st.composite
def libraries(draw: st.DrawFn) -> Library:
    """A few people who look alike, at close quarters, and much that is known of them."""
    n = draw(st.integers(1, 40))
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    centres = 0.45 * chance.normal(size=(6, 12)) / np.sqrt(12)
    vectors = np.zeros((n, DIM))
    vectors[:, :12] = centres[chance.integers(6, size=n)] + 0.05 * chance.normal(size=(n, 12))
    if draw(st.booleans()):
        vectors = np.round(vectors, 1)  # many ties
    start = chance.integers(0, 1000, size=n)
    return Library(
        Faces(vectors.astype(np.float16), (0.04 * chance.normal(size=n)).astype(np.float32)),
        chance.uniform(0, 1, size=n).astype(np.float32),
        chance.permutation(10 * n)[:n],
        Constraints(
            chance.integers(0, 8, size=n),
            start,
            start + chance.integers(0, 400, size=n),
            np.where(chance.random(n) < 0.25, chance.integers(0, 4, size=n), -1),
            chance.integers(0, n, size=(draw(st.integers(0, 8)), 2)),
            np.where(chance.random(n) < 0.3, chance.integers(0, 3, size=n), -1),
            chance.integers(0, [n, 3], size=(draw(st.integers(0, 6)), 2)),
        ),
    )


@given(libraries(), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_rows_changes_nothing(library: Library, chance: object) -> None:
    order = np.arange(len(library))
    chance.shuffle(order)  # type: ignore[attr-defined]
    assert library.mixed(order).groups() == np.array(library.groups())[order].tolist()


@given(libraries())
@settings(deadline=None)
def test_whatever_is_known_holds(library: Library) -> None:
    found, known = library.groups(), library.known
    # whom `together` joins is one person here; nothing else may join two whom anything holds apart
    one = np.where(known.together >= 0, known.together, 100 + np.arange(len(found)))
    for label in set(known.together[known.together >= 0]):
        assert len({found[row] for row in np.flatnonzero(known.together == label)}) == 1
    ends = np.maximum(known.end_ms, known.start_ms + 1)
    forbidden = {(int(a), int(b)) for a, b in known.apart}
    for a in range(len(found)):
        for b in range(len(found)):
            in_one_picture = known.shot[a] == known.shot[b] and max(
                known.start_ms[a], known.start_ms[b]
            ) < min(ends[a], ends[b])
            two_people = known.person[a] >= 0 <= known.person[b] != known.person[a]
            refused = known.person[b] >= 0 and [a, known.person[b]] in known.refused.tolist()
            if a != b and (in_one_picture or two_people or refused or (a, b) in forbidden):
                assert found[a] != found[b] or one[a] == one[b]


@given(libraries())
@settings(deadline=None)
def test_groups_are_numbered_by_their_lowest_ids(library: Library) -> None:
    by_id = np.array(library.groups())[np.argsort(library.ids)]
    _, first = np.unique(by_id, return_index=True)
    assert by_id[np.sort(first)].tolist() == list(range(by_id.max() + 1))


def test_nobody_makes_no_group() -> None:
    assert Library.of(along()).groups() == []


def test_the_faces_of_each_person_become_one_group() -> None:
    vectors, who = people(12, 7)
    assert (same(Library.of(vectors).groups()) == same(who.tolist())).all()


def test_groups_are_as_far_apart_as_their_members_are_on_average() -> None:
    far = 0.42  # of both pairs; the root of the mean of 0.3² and 0.52² is 0.42 as well
    assert Library.of(along(0, far), together=[0, 0]).groups() == [0, 0]
    two = along(0, 0, 0.3, 0.52)
    assert Library.of(two, together=[0, 0, 1, 1]).groups(rule=replace(RULE, radius=0.425)) == [0] * 4
    assert Library.of(two, together=[0, 0, 1, 1]).groups(rule=replace(RULE, radius=0.42)) == [0, 0, 1, 1]


def test_one_blurred_face_between_two_people_does_not_chain_them_together() -> None:
    vectors = along(0, 0.02, 0.04, 0.36, 0.66, 0.68, 0.7)
    library = Library.of(vectors)
    library.quality[3] = 0.1
    labels = library.groups()
    assert labels[0] != labels[6]
    assert len(set(labels[:3])) == len(set(labels[4:])) == 1


def test_a_chain_of_faces_is_not_one_person() -> None:
    assert 4 <= len(set(Library.of(along(*np.arange(0, 4, 0.2))).groups())) <= 10


def test_two_in_one_picture_are_two_people() -> None:
    alike = along(0, 0.01, 0.02)
    seen = Library.of(alike, shot=[0, 0, 0], start_ms=[0, 499, 900], end_ms=[500, 900, 1200])
    assert seen.groups() == [0, 1, 1]
    assert Library.of(along(0, 0), shot=[0, 0]).groups() == [0, 1]  # a photograph


def test_what_humans_keep_apart_stays_apart_and_what_they_join_is_joined() -> None:
    assert Library.of(along(0, 0, 9), apart=[(0, 1)]).groups() == [0, 1, 2]
    assert Library.of(along(0, 9, 4), together=[5, 5, -1]).groups() == [0, 0, 1]
    assert Library.of(along(0, 9), together=[5, 5], apart=[(0, 1)], shot=[0, 0]).groups() == [0, 0]


def test_two_whom_humans_named_differently_never_meet_nor_does_whoever_refused_the_name() -> None:
    assert Library.of(along(0, 0.01, 0.02), person=[7, 8, 7]).groups() == [0, 1, 0]
    assert Library.of(along(0, 0.01, 0.02), person=[7, -1, 7], refused=[(1, 7)]).groups() == [0, 1, 0]
    between = Library.of(along(0, 0.2, 0.2, 0.4), person=[7, -1, -1, 8]).groups()
    assert between[0] != between[3]
    # a group that somebody has seen may hold two already: nobody whose name is known joins it
    mixed = {"together": [1, 1, -1, -1], "person": [7, 8, 7, -1]}
    assert Library.of(along(0, 0, 0.01, 0), **mixed).groups() == [0, 0, 1, 0]


def test_crowded_faces_have_to_be_nearer() -> None:
    for crowding, expected in ((-0.06, [0, 1]), (0.06, [0, 0])):
        library = Library.of(along(0, 0.5))
        library.faces.crowding[:] = crowding
        assert library.groups() == expected


def test_a_larger_library_is_judged_more_strictly() -> None:
    rule = replace(RULE, tighter=0.02)
    assert [rule.within(n) for n in (1, 100, 1000, 100_000)] == pytest.approx([0.5, 0.5, 0.48, 0.44])


def test_a_new_track_is_held_against_groups_by_the_rule_of_the_pass() -> None:
    squared, members, crowding = np.array([0.16, 0.16]), np.array([1, 3]), np.array([0.1, 0.0])
    assert RULE.to_one(squared, members, crowding) == pytest.approx(
        [0.4 - 0.05, np.sqrt(0.16 + 0.086 * 2 / 3)]
    )
    vectors, _ = people(1, 2000, spread=float(np.sqrt(0.086)))
    new, others = vectors[-1].astype(float), vectors[:-1].astype(float)
    on_average = np.sqrt(np.square(others - new).sum(axis=1).mean())
    to_mean = np.square(others.mean(axis=0) - new).sum()
    [apart] = RULE.to_one(np.array([to_mean]), np.array([1999]), np.zeros(1))
    assert apart == pytest.approx(on_average, abs=0.002)


def test_thousands_of_copies_are_one_group() -> None:
    assert set(Library.of(np.zeros((5000, DIM))).groups()) == {0}


def test_cells_find_what_looking_at_every_pair_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, who = people(300, 10)
    everything = Library.of(vectors).groups()
    monkeypatch.setattr(neighbours, "EXACT", 100)
    assert (same(Library.of(vectors).groups()) == same(everything)).mean() > 0.9999
    assert (same(everything) == same(who.tolist())).mean() > 0.9999


def test_progress_only_grows_and_ends_at_one() -> None:
    library = Library.of(people(5, 4)[0])
    told: list[float] = []
    group(library.faces, library.quality, library.ids, library.known, RULE, told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


class Stopped(Exception):
    """As if the machine had been switched off."""


@pytest.mark.parametrize("after", range(1, 9))
def test_an_interrupted_pass_goes_on_where_it_was(
    after: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbours, "EXACT", 20)
    library = Library.of(people(4, 10)[0])
    whole = Folder(tmp_path / "whole")
    expected = library.groups(whole)
    assert expected == library.groups()

    class Interrupted(Folder):
        def __setitem__(self, name: str, found: NDArray[np.signedinteger]) -> None:
            if len(self) == after:
                raise Stopped
            super().__setitem__(name, found)

    broken = Interrupted(tmp_path / "broken")
    with pytest.raises(Stopped):
        library.groups(broken)
    left = {name: (tmp_path / "broken" / f"{name}.npy").stat().st_mtime_ns for name in broken}
    assert len(left) == after
    again = Folder(tmp_path / "broken")
    assert library.groups(again) == expected
    assert set(again) == set(whole)
    assert (
        left.items()
        <= {name: (tmp_path / "broken" / f"{name}.npy").stat().st_mtime_ns for name in again}.items()
    )
    again.clear()
    assert list(again) == []


def test_what_was_found_of_other_faces_is_not_taken_for_these(tmp_path: Path) -> None:
    kept = Folder(tmp_path)
    for library in (
        Library.of(along(0, 0.1)),
        Library.of(along(0, 3)),
        Library.of(along(0, 0.1), apart=[(0, 1)]),
    ):
        assert library.groups(kept) == library.groups()


def split(vectors: NDArray[np.floating]) -> list[list[int]]:
    """The parts proposed for one group in a small library."""
    library = Library.of(vectors, together=np.zeros(len(vectors)))
    parts = propose_split(library.faces, library.quality, library.ids, library.known, RULE, tracks=1)
    return [part.tolist() for part in parts]


def test_a_mixed_group_is_proposed_to_be_split_and_one_of_one_piece_is_not() -> None:
    vectors, _ = people(2, 5)
    assert sorted(split(vectors)) == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]
    assert split(along(0, 0.1, 0.05, 0.7, 0.75)) == [[3, 4], [0, 1, 2]]
    assert split(vectors[:5]) == split(along(0)) == split(along()) == []


def test_no_more_than_five_parts_are_proposed() -> None:
    parts = split(along(*np.arange(0, 8, 0.55)))
    assert 2 <= len(parts) <= 5
    assert sorted(row for part in parts for row in part) == list(range(15))
