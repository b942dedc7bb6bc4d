"""Submitted jobs stay remembered while Slurm does not answer."""

from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo
    from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor


def keep_unanswered_jobs(executor: type["RemoteExecutor"]) -> None:
    """Make a class of remote executors ask again about jobs on which a status check said nothing.

    A check must report a job as finished or yield it as running. snakemake-executor-plugin-slurm 2.8.0 does
    neither when every attempt at its query fails, as while slurmctld or slurmdbd is restarted: the jobs are
    forgotten, and the run waits for ever (issue 207 there). ``executor`` follows
    snakemake_interface_executor_plugins.
    """
    check = executor.check_active_jobs

    async def check_active_jobs(
        self: "RemoteExecutor", active_jobs: "list[SubmittedJobInfo]"
    ) -> "AsyncIterator[SubmittedJobInfo]":
        self.answered = set()
        async for job in check(self, active_jobs):
            self.answered.add(id(job))
            yield job
        for job in active_jobs:
            if id(job) not in self.answered:
                yield job

    executor.check_active_jobs = check_active_jobs
    for name in ("report_job_success", "report_job_error"):
        setattr(executor, name, _noted(getattr(executor, name)))


def _noted(report: Callable[..., None]) -> Callable[..., None]:
    def noted(self: "RemoteExecutor", job: "SubmittedJobInfo", *arguments: object, **options: object) -> None:
        self.answered.add(id(job))
        report(self, job, *arguments, **options)

    return noted
