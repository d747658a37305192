"""Judgement, without a database."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from faces.identity.resolve import (
    Calibration,
    Candidate,
    Said,
    Standing,
    Statement,
    choose_exemplars,
    resolve,
    stand,
)

ADA, GRACE = 1, 2
CALIBRATION = Calibration(model="test", auto=0.5, suggested=0.6, midpoint=0.55, slope=30.0)


def judge(*candidates: Candidate, said: tuple[Statement, ...] = ()) -> tuple[str, int | None]:
    verdict = resolve(stand(said), candidates, CALIBRATION)
    return verdict.band, verdict.person


def test_it_names_the_nearest_person_within_the_inner_radius() -> None:
    assert judge(Candidate(ADA, 0.45), Candidate(GRACE, 0.3)) == ("auto", GRACE)


def test_it_asks_about_a_person_between_the_radii() -> None:
    assert judge(Candidate(ADA, 0.55)) == ("suggested", ADA)


def test_it_leaves_everybody_else_unknown() -> None:
    assert judge(Candidate(ADA, 0.61)) == ("unknown", None)


def test_it_says_why() -> None:
    verdict = resolve(
        Standing(), [Candidate(ADA, 0.3, 7), Candidate(ADA, 0.4, 8), Candidate(GRACE, 0.45, 9)], CALIBRATION
    )
    assert (verdict.exemplar, verdict.distance, verdict.runner_up, verdict.runner_up_distance) == (
        7,
        0.3,
        GRACE,
        0.45,
    )


def test_it_never_names_a_person_whom_a_human_rejected() -> None:
    no = Statement(Said.IS_NOT, GRACE)
    assert judge(Candidate(GRACE, 0.0), Candidate(ADA, 0.45), said=(no,)) == ("auto", ADA)


def test_it_follows_a_human_however_far_the_face_is() -> None:
    assert judge(Candidate(ADA, 0.1), said=(Statement(Said.IS, GRACE),)) == ("confirmed", GRACE)


def test_a_later_statement_wins() -> None:
    assert judge(said=(Statement(Said.IS, ADA), Statement(Said.IS, GRACE))) == ("confirmed", GRACE)


def test_a_rejection_takes_back_an_earlier_name() -> None:
    said = (Statement(Said.IS, ADA), Statement(Said.IS_NOT, ADA))
    assert judge(Candidate(ADA, 0.1), said=said) == ("unknown", None)


def test_naming_brings_an_ignored_face_back() -> None:
    assert judge(said=(Statement(Said.IGNORE), Statement(Said.IS, ADA))) == ("confirmed", ADA)


def test_what_is_not_a_face_is_nobody() -> None:
    assert judge(Candidate(ADA, 0.0), said=(Statement(Said.NOT_A_FACE),)) == ("not_a_face", None)


@given(
    st.permutations(
        [Candidate(p, d, e) for e, (p, d) in enumerate([(1, 0.2), (2, 0.2), (1, 0.4), (3, 0.55)])]
    )
)
def test_the_answer_does_not_hang_on_the_order_of_rows(candidates: list[Candidate]) -> None:
    assert resolve(Standing(), candidates, CALIBRATION).person == 1
    assert resolve(Standing(), candidates, CALIBRATION).runner_up == 2


@given(st.floats(0, 2), st.floats(0, 2))
def test_confidence_falls_with_distance(a: float, b: float) -> None:
    near, far = sorted((a, b))
    assert 0 <= CALIBRATION.confidence(far) <= CALIBRATION.confidence(near) <= 1


@given(st.integers(1, 60), st.integers(1, 25))
def test_exemplars_are_few_distinct_and_begin_with_the_best(faces: int, limit: int) -> None:
    random = np.random.default_rng(faces)
    vectors = random.normal(size=(faces, 8)).astype(np.float32)
    qualities = random.random(faces).astype(np.float32)
    chosen = choose_exemplars(vectors, qualities, limit)
    assert len(chosen) == len(set(chosen)) == min(faces, limit)
    if faces > limit:
        assert chosen[0] == int(np.argmax(qualities))
