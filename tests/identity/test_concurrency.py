"""Many editors at once: nobody sees a deadlock, no decision is lost, and the answers stay those of a recomputation."""

import random
import threading
from collections import Counter

import pytest
from django.db import connection

from faces.identity import following, people, saying
from faces.models import Decision
from tests.identity.world import World, face

EDITORS = 8
EACH = 12
_REFUSALS = (saying.AlreadyDecided, saying.Conflict, saying.Unsayable, saying.NotFound, people.NameTaken)


@pytest.mark.django_db(transaction=True)
def test_eight_editors_decide_at_once_on_overlapping_tracks() -> None:
    world = World()
    news = world.asset()
    tracks = [
        world.track(news, face(who, away), start_ms=1000 * (number // 2))
        for number, (who, away) in enumerate(
            (who, away) for who in range(4) for away in (0.0, 0.2, 0.3, 0.47, 0.54)
        )
    ]
    made: Counter[int] = Counter()
    broken: list[BaseException] = []

    def edit(editor: int) -> None:
        chance = random.Random(editor)
        try:
            for _ in range(EACH):
                some = chance.sample(tracks, 3)
                try:
                    match chance.randrange(5):
                        case 0 | 1:
                            world.say("is", tracks=some, name=chance.choice(["Ada", "Grace", "Alan"]))
                        case 2:
                            world.say("ignore", tracks=some[:1])
                        case 3:
                            world.say("is", unknown=world.key(some[0]), name="Ada")
                        case 4:
                            latest = Decision.objects.filter(active=True).order_by("-pk").first()
                            if latest is None:
                                continue
                            world.undo(latest.pk, part=True)
                    made[editor] += 1
                except _REFUSALS:
                    pass
        except BaseException as error:  # noqa: BLE001  the test's own thread tells
            broken.append(error)
        finally:
            connection.close()

    editors = [threading.Thread(target=edit, args=(number,)) for number in range(EDITORS)]
    for editor in editors:
        editor.start()
    for editor in editors:
        editor.join()
    assert broken == []
    assert Decision.objects.count() == sum(made.values()) > EDITORS
    assert list(following.resolve_all(world.model, write=False)) == []
