"""How tests read answers."""

from typing import Any


def refused(response: Any, status: int, code: str) -> dict[str, Any]:
    """The problem details of an answer that must be exactly this refusal."""
    assert response.status_code == status, (response.status_code, response.content[:500])
    problem = problem_of(response)
    assert problem["code"] == code, problem
    return problem


def problem_of(response: Any) -> dict[str, Any]:
    """The problem details of a refusal, whichever it is."""
    assert response["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert problem["status"] == response.status_code
    assert all(problem[member] for member in ("type", "title", "detail", "code", "request_id"))
    return problem


def results(response: Any) -> list[dict[str, Any]]:
    """What a list holds; all of it, where there is no next page."""
    assert response.status_code == 200, response.content[:500]
    answer = response.json()
    assert set(answer) == {"results", "next"}
    found: list[dict[str, Any]] = answer["results"]
    return found
