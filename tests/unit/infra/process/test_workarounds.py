import pytest
from fact.infra.process import workarounds
from fact.infra.process.workarounds import DEFAULT_LIMIT, UNANSWERED_JOBS, Workaround


def test_both_are_needed_with_the_tested_versions() -> None:
    assert DEFAULT_LIMIT.is_needed and UNANSWERED_JOBS.is_needed
    assert all("/issues/" in known.reported for known in (DEFAULT_LIMIT, UNANSWERED_JOBS))


@pytest.mark.parametrize(("installed", "needed"), [("2.8.0", True), ("3.0.0", False), ("3.0.0rc1", True)])
def test_a_release_that_nobody_has_tried_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, installed: str, needed: bool
) -> None:
    monkeypatch.setattr(workarounds, "version", lambda _: installed)
    assert UNANSWERED_JOBS.is_needed == needed


def test_what_is_not_installed_needs_none() -> None:
    assert not Workaround("no-such-distribution", "1", "").is_needed
