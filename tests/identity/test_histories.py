"""Whatever happens in whatever order, the stored answers are those of a recomputation from nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from faces import deletion
from faces.identity import decisions, following, people, queries, regrouping, saying, unknowns
from faces.identity.effects import Outcome
from faces.models import (
    Band,
    Decision,
    KeyRecord,
    Person,
    Photo,
    Point,
    Resolution,
    Track,
    Unknown,
    Verdict,
)
from tests.identity import recomputation
from tests.identity.world import MODEL, World, face

_PHASES = [Phase.explicit, Phase.reuse, Phase.generate]  # shrinking a history of real rows takes minutes
NAMES = ["Ada", "Grace", "Alan"]
AWAY = st.sampled_from([0.0, 0.2, 0.35, 0.47, 0.54, 0.57])
REFUSED = (saying.Unsayable, saying.AlreadyDecided, people.NameTaken)


class Histories(RuleBasedStateMachine):
    """Random scans, rescans and decisions of every kind by two editors on one library."""

    def __init__(self) -> None:
        super().__init__()
        self.history = transaction.atomic()
        self.history.__enter__()
        self.world = World()
        self.editors = [self.world.user, get_user_model()._default_manager.create_user("edgar")]
        self.assets = [self.world.asset(f"Asset {number}") for number in range(2)]

    # what scans find

    @rule(
        asset=st.integers(0, 1),
        who=st.integers(0, 2),
        away=AWAY,
        towards=st.integers(0, 2),
        crowding=st.sampled_from([0.0, -0.06, 0.06]),
    )
    def scan(self, asset: int, who: int, away: float, towards: int, crowding: float) -> None:
        self.world.track(self.assets[asset], face(who, away, towards), crowding=crowding)

    @precondition(lambda self: self.tracks())
    @rule(data=st.data(), who=st.integers(0, 2), away=AWAY)
    def scan_somebody_beside(self, data: st.DataObject, who: int, away: float) -> None:
        beside = Track.objects.get(pk=data.draw(st.sampled_from(self.tracks())))
        self.world.track(beside.asset, face(who, away), start_ms=beside.start_ms, box=(600, 100, 80, 100))

    @precondition(lambda self: self.tracks())
    @rule(data=st.data(), away=st.sampled_from([0.0, 0.1, 0.2]))
    def rescan(self, data: st.DataObject, away: float) -> None:
        asset = data.draw(st.sampled_from(self.assets))
        rescan = self.world.rescan(asset)
        for track in Track.objects.filter(asset=asset, scan__live=True).order_by("pk"):
            if data.draw(st.integers(0, 4)):  # now and then a face is not found again
                self.world.again(track, rescan, away)
        self.world.finish(rescan)

    @precondition(lambda self: self.tracks())
    @rule()
    def global_pass(self) -> None:
        regrouping.regroup(self.world.model)
        grouped = list(Resolution.objects.order_by("pk").values_list("pk", "home"))
        again = regrouping.regroup(self.world.model)
        assert (again.moved, again.joined) == (0, 0)
        assert list(Resolution.objects.order_by("pk").values_list("pk", "home")) == grouped

    @precondition(lambda self: self.keys())
    @rule(data=st.data())
    def see_an_unknown(self, data: st.DataObject) -> None:
        unknowns.mark_shown([Unknown.objects.get(key=data.draw(st.sampled_from(self.keys()))).pk])

    @precondition(lambda self: len(self.tracks()) > 8)
    @rule(asset=st.integers(0, 1))
    def delete_an_asset(self, asset: int) -> None:
        with patch("faces.deletion.current_model", lambda: self.world.model):
            deletion.delete(self.assets[asset])
        self.assets[asset] = self.world.asset()

    # what an administrator applies

    @precondition(lambda self: len(self.people()) > 1)
    @rule(stricter=st.sampled_from([0.0, 0.04]), crowding=st.sampled_from([0.75, 1.0]))
    def other_thresholds(self, stricter: float, crowding: float) -> None:
        now = MODEL.calibration
        judged = replace(now, auto=now.auto - stricter, suggested=now.suggested - stricter, crowding=crowding)
        self.world.model = replace(self.world.model, calibration=judged)
        list(following.resolve_all(self.world.model, write=True))

    @precondition(lambda self: self.people())
    @rule(data=st.data(), leeway=st.sampled_from([-0.05, 0.0, 0.03]))
    def leeway(self, data: st.DataObject, leeway: float) -> None:
        person = Person.objects.get(pk=data.draw(st.sampled_from(self.people())))
        decisions.give_leeway(person, leeway, model=self.world.model)

    # what humans say

    @precondition(lambda self: self.tracks())
    @rule(data=st.data(), name=st.sampled_from(NAMES))
    def name(self, data: st.DataObject, name: str) -> None:
        self.say("is", tracks=self.some(data), name=name)

    @precondition(lambda self: self.keys())
    @rule(data=st.data(), name=st.sampled_from(NAMES))
    def name_an_unknown(self, data: st.DataObject, name: str) -> None:
        self.say("is", unknown=data.draw(st.sampled_from(self.keys())), name=name)

    @precondition(lambda self: self.tracks() and self.people())
    @rule(data=st.data())
    def reject(self, data: st.DataObject) -> None:
        self.say("is_not", tracks=self.some(data), person=data.draw(st.sampled_from(self.people())))

    @precondition(lambda self: self.tracks())
    @rule(data=st.data(), verdict=st.sampled_from(["ignore", "not_a_face"]))
    def set_aside(self, data: st.DataObject, verdict: str) -> None:
        self.say(verdict, tracks=self.some(data))

    @precondition(lambda self: len(self.people()) > 1)
    @rule(data=st.data())
    def merge_people(self, data: st.DataObject) -> None:
        one, other = data.draw(st.permutations(self.people()))[:2]
        self.say("merge", people=[one, other], person=one)

    @precondition(lambda self: len(self.keys()) > 1)
    @rule(data=st.data())
    def merge_unknowns(self, data: st.DataObject) -> None:
        self.say("merge", unknowns=data.draw(st.permutations(self.keys()))[:2])

    @precondition(lambda self: self.tracks())
    @rule(data=st.data(), name=st.sampled_from(["", *NAMES]))
    def split(self, data: st.DataObject, name: str) -> None:
        self.say("split", tracks=self.some(data), name=name)

    @precondition(lambda self: self.people())
    @rule(data=st.data(), name=st.sampled_from([*NAMES, "Edsger"]))
    def rename(self, data: st.DataObject, name: str) -> None:
        self.say("rename", person=data.draw(st.sampled_from(self.people())), name=name)

    @precondition(lambda self: self.people() and self.tracks())
    @rule(data=st.data(), verdict=st.sampled_from(["set_cover", "add_exemplar", "remove_exemplar"]))
    def curate(self, data: st.DataObject, verdict: str) -> None:
        track = data.draw(st.sampled_from(self.tracks()))
        self.say(verdict, person=data.draw(st.sampled_from(self.people())), tracks=[track])

    @precondition(lambda self: self.people())
    @rule(data=st.data(), who=st.integers(0, 2), away=AWAY)
    def enrol(self, data: st.DataObject, who: int, away: float) -> None:
        self.world.enrol(data.draw(st.sampled_from(self.people())), face(who, away))

    @precondition(lambda self: Photo.objects.filter(person__retired=False).exists())
    @rule(data=st.data())
    def remove_a_photo(self, data: st.DataObject) -> None:
        photos = Photo.objects.filter(person__retired=False).order_by("pk").values_list("pk", "person_id")
        photo, person = data.draw(st.sampled_from(list(photos)))
        self.say("remove_exemplar", person=person, photo=photo)

    @precondition(lambda self: self.people())
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        self.say("delete_person", person=data.draw(st.sampled_from(self.people())))

    @precondition(lambda self: self.active())
    @rule(data=st.data())
    def undo_or_redo(self, data: st.DataObject) -> None:
        self.world.undo(data.draw(st.sampled_from(self.active())), part=True)

    @precondition(lambda self: self.active())
    @rule(data=st.data())
    def undo_and_redo(self, data: st.DataObject) -> None:
        before = recomputation.stored()
        undone = self.world.undo(data.draw(st.sampled_from(self.active())), part=True)
        self.world.undo(undone, part=True)
        assert recomputation.stored() == before

    @precondition(lambda self: self.tracks())
    @rule(data=st.data(), name=st.sampled_from(NAMES))
    def name_and_undo(self, data: st.DataObject, name: str) -> None:
        before = recomputation.stored()
        if named := self.say("is", tracks=self.some(data), name=name):
            self.world.undo(named)
            assert recomputation.stored() == before

    # what holds after every step

    @invariant()
    def rows_and_exports_are_those_of_a_recomputation(self) -> None:
        recomputation.holds(self.world.model)

    @invariant()
    def keys_are_read_as_their_records_say(self) -> None:
        everything = set(Unknown.objects.values_list("pk", flat=True))
        assert unknowns.reread(everything) == set()
        assert unknowns.settle(self.tracks()) == unknowns.Moved(set(), set())
        for unknown in Unknown.objects.filter(merged_into__isnull=False):
            assert not unknown.members.exists()
            assert KeyRecord.objects.filter(unknown=unknown).latest("pk").became == unknown.merged_into

    @invariant()
    def nobody_retired_is_named(self) -> None:
        assert not Resolution.objects.filter(person__retired=True).exists()
        assert not Point.objects.filter(person__retired=True).exists()

    @invariant()
    def what_a_human_said_last_holds(self) -> None:
        rows = Resolution.objects.in_bulk()
        for track, standing in following.standings(list(rows)).items():
            row = rows[track]
            if standing.confirmed is not None:
                assert (row.band, row.person_id) == (Band.CONFIRMED, standing.confirmed)
            assert row.person_id is None or row.person_id not in standing.rejected

    @invariant()
    def nobody_is_named_twice_in_one_picture_by_the_machine(self) -> None:
        named = {row.pk: row.person_id for row in Resolution.objects.filter(band=Band.AUTO)}
        assert not any(named[track] == named.get(other) for track, other in queries.beside(list(named)))

    def teardown(self) -> None:
        """With everything undone, in whatever order, nobody has a name."""
        try:
            while active := [
                key for key in self.active() if Decision.objects.get(pk=key).verdict != Verdict.UNDO
            ]:
                self.world.undo(active[len(active) // 2], part=True)
            assert not Resolution.objects.exclude(band=Band.UNKNOWN).exists()
            assert not Person.objects.filter(retired=False).exists()
        finally:
            transaction.set_rollback(True)
            self.history.__exit__(None, None, None)

    def say(self, verdict: str, **what: Any) -> Outcome | None:
        """As either editor; None where it cannot be said now."""
        self.world.user = self.editors[Decision.objects.count() % 2]
        try:
            return self.world.say(verdict, **what)
        except REFUSED:
            return None

    def some(self, data: st.DataObject) -> list[int]:
        return data.draw(st.lists(st.sampled_from(self.tracks()), min_size=1, max_size=3, unique=True))

    def tracks(self) -> list[int]:
        return list(Resolution.objects.order_by("pk").values_list("pk", flat=True))

    def people(self) -> list[int]:
        living = Person.objects.filter(retired=False, stranger=False)
        return list(living.order_by("pk").values_list("pk", flat=True))

    def keys(self) -> list[str]:
        return list(Unknown.objects.filter(tracks__gt=0).order_by("pk").values_list("key", flat=True))

    def active(self) -> list[int]:
        return list(Decision.objects.filter(active=True).order_by("pk").values_list("pk", flat=True))


@pytest.mark.django_db
def test_stored_answers_are_those_of_a_recomputation_from_nothing() -> None:
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            phases=_PHASES,
            suppress_health_check=list(HealthCheck),
        ),
    )
