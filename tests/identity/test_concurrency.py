"""Many editors at once: nobody sees a deadlock, no decision is lost, and all that is derived is as computed anew."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from faces import calibration
from faces.identity import regrouping
from faces.identity.model import current_model
from faces.models import Anchor, Attachment, Decision, Person, Unknown, Verdict
from mam.assets.models import Asset
from tests.api.answers import refused
from tests.api.conftest import client_of, editor_named
from tests.identity import recomputation
from tests.identity.world import World, face

EDITORS = 8
NAMES = ["Ada", "Grace", "Alan"]
REFUSALS = {"already-decided", "conflict", "unsayable", "not-found", "name-taken"}
"""What an editor may hear who was too late, or says what has no sense any more; nothing else."""


@dataclass
class Newsroom:
    """Editors at the API, an administrator and scans, all at work on the same few tracks until the time is over."""

    world: World
    asset: Asset
    seconds: float
    tracks: list[int] = field(default_factory=list)
    said: dict[int, dict[str, Any]] = field(default_factory=dict)
    """What was answered with 201, by the decision's id."""
    answers: Counter[str] = field(default_factory=Counter)
    broken: list[object] = field(default_factory=list)

    def find(self, chance: random.Random) -> None:
        """A scan finds somebody, where nobody was found and so nothing was decided, beside others or alone."""
        vector = face(chance.randrange(4), chance.choice([0.0, 0.2, 0.3, 0.42, 0.47]), chance.randrange(3))
        box = (100.0 * len(self.tracks), 100.0, 80.0, 100.0)
        start_ms = 2000 * chance.randrange(20)
        self.tracks.append(self.world.track(self.asset, vector, start_ms=start_ms, box=box))

    def scan(self, chance: random.Random) -> None:
        """What is done behind the API: faces are found and grouped, and an administrator applies other thresholds."""
        match chance.choice(["pass", "thresholds", "find", "find", "find"]):
            case "pass":
                regrouping.regroup(self.world.model)
            case "thresholds":
                option = chance.choice(calibration.overview().options[:3])
                if not option.in_force:
                    calibration.apply(option, by=self.world.user)
                    self.world.model = current_model()
                    self.answers["other thresholds"] += 1
            case "find" if len(self.tracks) < 60:
                self.find(chance)
        time.sleep(0.05)

    def edit(self, chance: random.Random, client: APIClient, name: str) -> None:
        """One thing that an editor may do."""
        if chance.random() < 0.1:
            answer = client.get(f"/api/v1/assets/{self.asset.pk}/appearances/?format=videobox")
            self.answers[f"export {answer.status_code}"] += 1
            if answer.status_code != 200:
                self.broken.append(answer.content)
            return
        latest = Decision.objects.order_by("-pk").values_list("pk", flat=True)[:20]
        if latest and chance.random() < 0.25:
            self.post(client, name, f"decisions/{chance.choice(latest)}/undo/", {"part": True})
        elif body := self.statement(chance):
            route = "decisions/preview/" if chance.random() < 0.1 else "decisions/"
            self.post(client, name, route, body)

    def statement(self, chance: random.Random) -> dict[str, Any]:
        tracks = [str(track) for track in chance.sample(self.tracks, 3)]
        people = [str(key) for key in Person.objects.filter(stranger=False).values_list("pk", flat=True)]
        keys = list(Unknown.objects.filter(tracks__gt=0).values_list("key", flat=True))
        match chance.choice(
            ["is", "is", "is unknown", "is_not", "ignore", "not_a_face", "split", "people", "keys"]
        ):
            case "is":
                return {"verdict": "is", "tracks": tracks, "name": chance.choice(NAMES)}
            case "is unknown" if keys:
                return {"verdict": "is", "unknown": chance.choice(keys), "name": chance.choice(NAMES)}
            case "is_not" if people:
                return {"verdict": "is_not", "tracks": tracks[:2], "person": chance.choice(people)}
            case "ignore" | "not_a_face" as verdict:
                return {"verdict": verdict, "tracks": tracks[:1]}
            case "split":
                return {"verdict": "split", "tracks": tracks[:1]}
            case "people" if len(people) > 1:
                some = chance.sample(people, 2)
                return {"verdict": "merge", "people": some, "into": some[0]}
            case "keys" if len(keys) > 1:
                return {"verdict": "merge", "unknowns": chance.sample(keys, 2)}
        return {}

    def post(self, client: APIClient, name: str, route: str, body: dict[str, Any]) -> None:
        answer = client.post(f"/api/v1/{route}", body, format="json")
        found = answer.json()
        self.answers[f"{answer.status_code} {found.get('code', found.get('verdict'))}"] += 1
        if answer.status_code == 201:
            self.said[int(found["id"])] = {**found, "of": body, "editor": name}
        elif answer.status_code != 200 and found["code"] not in REFUSALS:
            self.broken.append((body, found))

    def until_over(self, work: Callable[[random.Random], None], seed: int) -> threading.Thread:
        over = time.monotonic() + self.seconds

        def run() -> None:
            chance = random.Random(seed)
            try:
                while time.monotonic() < over:
                    work(chance)
            except BaseException as error:  # noqa: BLE001  the test's own thread tells
                self.broken.append(error)
            finally:
                connection.close()

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def open(self) -> None:
        """Everybody works at once until the time is over."""
        threads = [self.until_over(self.scan, EDITORS)]
        for number in range(EDITORS):
            name = f"editor {number}"
            client = client_of(editor_named(name))

            def edit(chance: random.Random, client: APIClient = client, name: str = name) -> None:
                self.edit(chance, client, name)

            threads.append(self.until_over(edit, number))
        for thread in threads:
            thread.join()
        print(dict(self.answers.most_common()))


def in_force(said: dict[int, dict[str, Any]]) -> dict[int, bool]:
    """Which decisions hold, by what was answered alone: an undo switches what it reverts, and so on back."""
    active: dict[int, bool] = {}

    def switch(decision: int, on: bool) -> None:
        active[decision] = on
        if reverts := said[decision]["reverts"]:
            switch(int(reverts), not on)

    for decision in sorted(said):
        switch(decision, True)
    return active


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seconds", [4, pytest.param(None, marks=pytest.mark.chaos)])
def test_eight_editors_decide_at_once_on_overlapping_tracks(
    seconds: int | None, chaos_seconds: float
) -> None:
    world = World(model=current_model())
    newsroom = Newsroom(world, world.asset(), seconds or chaos_seconds)
    for _ in range(20):
        newsroom.find(random.Random(len(newsroom.tracks)))
    newsroom.open()

    assert newsroom.broken == []
    said = newsroom.said
    kept = {decision.pk: decision for decision in Decision.objects.all()}
    assert kept.keys() == said.keys()
    assert len(said) > EDITORS
    assert {key: decision.active for key, decision in kept.items()} == in_force(said)
    for key, decision in kept.items():
        assert (decision.verdict, decision.by_name) == (said[key]["verdict"], said[key]["editor"])
        tracks = {int(track) for track in said[key]["of"].get("tracks", ())}
        attached = Attachment.objects.filter(anchor__decision=key).values_list("track_id", flat=True)
        assert tracks == set(attached) or "unknown" in said[key]["of"]
        assert Anchor.objects.filter(decision=key).exists() or decision.verdict in (
            Verdict.MERGE,
            Verdict.UNDO,
        )
    recomputation.holds(current_model())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("rounds", [2, pytest.param(100, marks=pytest.mark.chaos)])
def test_of_eight_who_name_one_unknown_at_once_one_wins_every_time(rounds: int) -> None:
    world = World(model=current_model())
    key = world.key(world.track(world.asset(), face(1)))
    clients = {name: client_of(editor_named(name)) for name in map("editor {}".format, range(EDITORS))}
    start = threading.Barrier(EDITORS)

    def decide(name: str) -> Any:
        body = {"verdict": "is", "unknown": key, "name": f"Ada of {name}"}
        start.wait()
        try:
            return clients[name].post("/api/v1/decisions/", body, format="json")
        finally:
            connection.close()

    for _ in range(rounds):
        with ThreadPoolExecutor(EDITORS) as pool:
            answers = dict(zip(clients, pool.map(decide, clients), strict=True))
        (winner,) = (name for name, answer in answers.items() if answer.status_code == 201)
        won = answers.pop(winner).json()
        for answer in answers.values():
            decision = refused(answer, 409, "already-decided")["decision"]
            assert (decision["id"], decision["by"]) == (won["id"], winner)
        assert clients[winner].post(f"/api/v1/decisions/{won['id']}/undo/").status_code == 201
    recomputation.holds(current_model())
