import asyncio
from collections.abc import AsyncIterator

import pytest
from fact.infra.slurm.unanswered import keep_unanswered_jobs


class Executor:
    """Speaks of its jobs as a remote executor does; ``answers`` says what a check hears of each."""

    def __init__(self, answers: dict[str, str]) -> None:
        self.answers, self.reported = answers, []

    async def check_active_jobs(self, active_jobs: list[str]) -> AsyncIterator[str]:
        for job in active_jobs:
            if self.answers.get(job) == "finished":
                self.report_job_success(job)
            elif self.answers.get(job) == "failed":
                self.report_job_error(job, msg="it failed")
            elif self.answers.get(job) == "running":
                yield job

    def report_job_success(self, job: str) -> None:
        self.reported.append((job, "success"))

    def report_job_error(self, job: str, msg: str | None = None) -> None:
        self.reported.append((job, msg))


@pytest.fixture
def executor() -> type:
    own = type("Own", (Executor,), {})
    keep_unanswered_jobs(own)
    return own


def still_active(executor: Executor, jobs: list[str]) -> list[str]:
    async def collect() -> list[str]:
        return [job async for job in executor.check_active_jobs(jobs)]

    return asyncio.run(collect())


def test_jobs_without_an_answer_stay_active(executor: type) -> None:
    silent = executor({})
    assert still_active(silent, ["a", "b"]) == ["a", "b"] and silent.reported == []


def test_answers_are_passed_on_as_they_are(executor: type) -> None:
    told = executor({"a": "finished", "b": "failed", "c": "running"})
    assert still_active(told, ["a", "b", "c", "d"]) == ["c", "d"]
    assert told.reported == [("a", "success"), ("b", "it failed")]
    told.answers = {}
    assert still_active(told, ["c", "d"]) == ["c", "d"], "an earlier answer is not one of this check"


def test_without_it_they_are_forgotten() -> None:
    """As the plugin does when its queries fail; the day this changes there, the patch can go."""
    assert still_active(Executor({}), ["a"]) == []
