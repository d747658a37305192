"""Whatever happens in whatever order, the stored answers are those of a recomputation from nothing."""

from __future__ import annotations

from typing import Any

import pytest
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

from faces.identity import decisions, following
from faces.models import Decision, Exemplar, Person, Resolution, Unknown
from tests.identity.world import World, face

_PHASES = [Phase.explicit, Phase.reuse, Phase.generate]  # shrinking a history of real rows takes minutes
PEOPLE = ["Ada", "Grace", "Alan"]


class Histories(RuleBasedStateMachine):
    """Random scans, names, rejections, ignorings, deletions and undos by one editor on one library."""

    def __init__(self) -> None:
        super().__init__()
        self.history = transaction.atomic()
        self.history.__enter__()
        self.world = World()
        self.assets = [self.world.asset(f"Asset {number}") for number in range(2)]

    @rule(
        asset=st.integers(0, 1),
        who=st.integers(0, 2),
        away=st.sampled_from([0.0, 0.2, 0.35, 0.47, 0.54, 0.57]),
        towards=st.integers(0, 2),
    )
    def scan(self, asset: int, who: int, away: float, towards: int) -> None:
        self.world.track(self.assets[asset], face(who, away, towards))

    @precondition(lambda self: self.tracks())
    @rule(data=st.data(), name=st.sampled_from(PEOPLE))
    def name(self, data: st.DataObject, name: str) -> None:
        tracks = data.draw(st.lists(st.sampled_from(self.tracks()), min_size=1, max_size=3, unique=True))
        self.say_who(tracks=tracks, name=name)

    @precondition(lambda self: Unknown.objects.filter(tracks__gt=0).exists())
    @rule(data=st.data(), name=st.sampled_from(PEOPLE))
    def name_an_unknown(self, data: st.DataObject, name: str) -> None:
        keys = list(Unknown.objects.filter(tracks__gt=0).order_by("pk").values_list("key", flat=True))
        self.say_who(unknown=data.draw(st.sampled_from(keys)), name=name)

    @precondition(lambda self: self.tracks() and self.people())
    @rule(data=st.data())
    def reject(self, data: st.DataObject) -> None:
        track, person = data.draw(st.sampled_from(self.tracks())), data.draw(st.sampled_from(self.people()))
        self.world.say("is_not", tracks=[track], person=person)

    @precondition(lambda self: self.tracks())
    @rule(data=st.data(), verdict=st.sampled_from(["ignore", "not_a_face"]))
    def set_aside(self, data: st.DataObject, verdict: str) -> None:
        self.world.say(verdict, tracks=[data.draw(st.sampled_from(self.tracks()))])

    @precondition(lambda self: self.people())
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        person = data.draw(st.sampled_from(self.people()))
        decisions.delete_person(person, by=self.world.user, model=self.world.model)

    @precondition(lambda self: Decision.objects.filter(active=True).exists())
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        active = list(Decision.objects.filter(active=True).order_by("pk").values_list("pk", flat=True))
        self.world.undo(data.draw(st.sampled_from(active)), part=True)

    @precondition(lambda self: self.tracks())
    @rule(data=st.data(), name=st.sampled_from(PEOPLE))
    def name_and_undo(self, data: st.DataObject, name: str) -> None:
        before = self.state()
        named = self.say_who(tracks=[data.draw(st.sampled_from(self.tracks()))], name=name)
        if named is not None:
            self.world.undo(named)
        assert self.state() == before

    @invariant()
    def stored_is_recomputed(self) -> None:
        assert following.resolve_all(self.world.model.calibration, write=False) == []

    @invariant()
    def counts_are_true(self) -> None:
        for person in Person.objects.all():
            shown = Resolution.objects.filter(person=person, band__in=["confirmed", "auto"])
            assert person.tracks == shown.count()
            assert person.assets == shown.values("track__asset_id").distinct().count()
        for unknown in Unknown.objects.all():
            open_tracks = unknown.members.filter(band__in=["unknown", "suggested"])
            assert unknown.tracks == open_tracks.count()

    @invariant()
    def nobody_retired_is_named(self) -> None:
        assert not Resolution.objects.filter(person__retired=True).exists()
        assert not Exemplar.objects.filter(person__retired=True).exists()

    def say_who(self, **what: Any) -> decisions.Outcome | None:
        """Undoing a deletion may bring back a second person of one name, whom a name alone cannot mean."""
        try:
            return self.world.say("is", **what)
        except decisions.Unsayable:
            return None

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.history.__exit__(None, None, None)

    def state(self) -> list[object]:
        return [self.world.answers(), list(Unknown.objects.order_by("pk").values_list())]

    def tracks(self) -> list[int]:
        return list(Resolution.objects.order_by("pk").values_list("pk", flat=True))

    def people(self) -> list[int]:
        return list(Person.objects.filter(retired=False).order_by("pk").values_list("pk", flat=True))


@pytest.mark.django_db
def test_stored_answers_are_those_of_a_recomputation_from_nothing() -> None:
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            phases=_PHASES,
            suppress_health_check=list(HealthCheck),
        ),
    )
