"""Judgement, without a database."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from faces.identity.resolve import (
    Calibration,
    Candidate,
    Claim,
    Said,
    Statement,
    Verdict,
    choose_exemplars,
    claim,
    ranked,
    resolve,
    stand,
)

ADA, GRACE, STRANGER = 1, 2, 3
CALIBRATION = Calibration(model="test", auto=0.5, suggested=0.6, midpoint=0.55, slope=30.0)


TRACK, OTHER = 10, 11


def answer(
    *candidates: Candidate, said: tuple[Statement, ...] = (), beside: tuple[Claim, ...] = ()
) -> Verdict:
    standing = stand(said)
    ranking = ranked(standing, candidates, CALIBRATION)
    return resolve(TRACK, standing, ranking, {other.person: other for other in beside}, CALIBRATION)


def judge(
    *candidates: Candidate, said: tuple[Statement, ...] = (), beside: tuple[Claim, ...] = ()
) -> tuple[str, int | None]:
    verdict = answer(*candidates, said=said, beside=beside)
    return verdict.band, verdict.person


def test_it_names_the_nearest_person_within_the_inner_radius() -> None:
    assert judge(Candidate(ADA, 0.45), Candidate(GRACE, 0.3)) == ("auto", GRACE)


def test_it_asks_about_a_person_between_the_radii() -> None:
    assert judge(Candidate(ADA, 0.55)) == ("suggested", ADA)


def test_it_leaves_everybody_else_unknown() -> None:
    assert judge(Candidate(ADA, 0.61)) == ("unknown", None)


def test_it_says_why() -> None:
    verdict = answer(Candidate(ADA, 0.3, 7), Candidate(ADA, 0.4, 8), Candidate(GRACE, 0.45, 9))
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
    assert judge(said=(Statement(Said.IGNORE, STRANGER), Statement(Said.IS, ADA))) == ("confirmed", ADA)


def test_what_is_not_a_face_is_nobody() -> None:
    assert judge(Candidate(ADA, 0.0), said=(Statement(Said.NOT_A_FACE),)) == ("not_a_face", None)


@given(
    st.permutations(
        [Candidate(p, d, e) for e, (p, d) in enumerate([(1, 0.2), (2, 0.2), (1, 0.4), (3, 0.55)])]
    )
)
def test_the_answer_does_not_hang_on_the_order_of_rows(candidates: list[Candidate]) -> None:
    assert answer(*candidates).person == 1
    assert answer(*candidates).runner_up == 2


def test_nobody_is_in_one_picture_twice() -> None:
    assert judge(Candidate(ADA, 0.3), beside=(Claim(0.2, OTHER, ADA),)) == ("unknown", None)
    assert judge(Candidate(ADA, 0.3), beside=(Claim(0.4, OTHER, ADA),)) == ("auto", ADA)


def test_who_had_to_yield_is_remembered_and_the_next_is_only_asked_about() -> None:
    verdict = answer(Candidate(ADA, 0.3), Candidate(GRACE, 0.4), beside=(Claim(0.2, OTHER, ADA),))
    assert (verdict.band, verdict.person, verdict.yielded) == ("suggested", GRACE, ADA)


def test_a_confirmed_face_beside_it_goes_before_the_nearest() -> None:
    assert judge(Candidate(ADA, 0.0), beside=(Claim(-1, OTHER, ADA),)) == ("unknown", None)


def test_a_human_may_say_that_both_are_the_same_person() -> None:
    said = (Statement(Said.IS, ADA),)
    assert judge(Candidate(ADA, 0.0), said=said, beside=(Claim(-1, OTHER, ADA),)) == ("confirmed", ADA)


def test_whom_another_claims_is_not_suggested_either() -> None:
    assert judge(Candidate(ADA, 0.55), beside=(Claim(0.2, OTHER, ADA),)) == ("unknown", None)


@given(
    st.lists(st.tuples(st.integers(1, 3), st.floats(0, 0.7)), max_size=4),
    st.lists(st.tuples(st.integers(1, 3), st.floats(0, 0.7)), max_size=4),
)
def test_of_two_faces_in_one_picture_never_both_are_named_alike(
    ours: list[tuple[int, float]], theirs: list[tuple[int, float]]
) -> None:
    rankings = {
        track: ranked(stand(()), [Candidate(*one) for one in near], CALIBRATION)
        for track, near in ((TRACK, ours), (OTHER, theirs))
    }
    claims = {track: claim(track, stand(()), ranking, CALIBRATION) for track, ranking in rankings.items()}
    named = []
    for track, other in ((TRACK, OTHER), (OTHER, TRACK)):
        beside = claims[other]
        verdict = resolve(
            track, stand(()), rankings[track], {beside.person: beside} if beside else {}, CALIBRATION
        )
        named.append(verdict.person if verdict.band == "auto" else None)
    assert named[0] is None or named[0] != named[1]


def test_what_is_more_like_a_rejected_face_is_asked_about_at_the_most() -> None:
    assert judge(Candidate(ADA, 0.3, doubted=True)) == ("suggested", ADA)
    assert judge(Candidate(ADA, 0.3, doubted=True), Candidate(GRACE, 0.4)) == ("auto", GRACE)


def test_a_person_may_be_given_more_leeway_or_less() -> None:
    assert judge(Candidate(ADA, 0.55, leeway=0.06)) == ("auto", ADA)
    assert judge(Candidate(ADA, 0.45, leeway=-0.06)) == ("suggested", ADA)


def test_who_is_like_an_ignored_stranger_is_ignored_and_never_asked_about() -> None:
    assert judge(Candidate(STRANGER, 0.3, stranger=True)) == ("ignored", STRANGER)
    assert judge(Candidate(STRANGER, 0.55, stranger=True)) == ("unknown", None)
    assert judge(Candidate(STRANGER, 0.55, stranger=True), Candidate(ADA, 0.57)) == ("suggested", ADA)


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
