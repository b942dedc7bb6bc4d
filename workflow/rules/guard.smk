# Before anything runs: one run at a time in this folder, no jobs of a dead one beside it, one version of the code,
# and no more GPU jobs on this machine than it has GPUs.
from fact.infra.process.command_line import as_typed
from fact.infra.process.gpus import visible_gpus
from fact.infra.process.job import write_run_code
from fact.infra.process.run_lock import FolderInUse, RunLock
from fact.infra.process.stopping import STATUS, StopNotice
from fact.infra.process.workarounds import DEFAULT_LIMIT, UNANSWERED_JOBS
from fact.infra.slurm.unanswered import keep_unanswered_jobs
from fact.infra.slurm.orphans import end_orphans


def without_default_limit(scheduler, asked):
    """Take away Snakemake's own limit of 100 jobs a second; one that a user asks for stays.

    With a limit Snakemake 9.27 looks for work again a second after every look, and looks once more for every job that
    ended: after N jobs N times a second, all day.
    """
    if DEFAULT_LIMIT.is_needed and (asked.max_jobs, asked.timespan) == (100, 1):
        scheduler.job_rate_limiter = None


onstart:
    # jobs on a cluster read this file too; only the run that a user has started needs the folder for itself
    if workflow.is_main_process:
        without_default_limit(workflow.scheduler, workflow.scheduling_settings.max_jobs_per_timespan)
        try:
            workflow.run_lock = RunLock(Path(paths.RESULTS) / ".run.lock")
            workflow.stop_notice = StopNotice()
            write_run_code(stages, command=as_typed(sys.argv))
        except FolderInUse as problem:
            sys.exit(f"{problem}")
        except OSError as problem:
            sys.exit(
                f"{paths.RESULTS}/ cannot be written: {problem}; make it writable, or run in another folder"
            )
        for left in Path(paths.TABLE).parent.glob(f"*{paths.SO_FAR}.*"):
            left.unlink(missing_ok=True)
        if ended := end_orphans(Path.cwd()):
            print(f"ended Slurm jobs of an earlier run: {', '.join(ended)}", file=sys.stderr)


def unfinished_tables(dag):
    """Tables that this run was to make, and has not."""
    jobs = [job for job in dag.needrun_jobs() if job.rule.name == "make_table" and not dag.finished(job)]
    return sorted(job.wildcards.table for job in jobs)


def stopped_trainings(dag):
    """State and log of each training that this run was to do, and has not finished."""
    jobs = [job for job in dag.needrun_jobs() if not dag.finished(job) and job.params.get("resume")]
    return [(job.params.resume["path"], job.log[0]) for job in jobs]


# jobs that failed for good leave their cells empty: the others are shown
onerror:
    if workflow.is_main_process:
        from fact.report.tables.so_far import write_tables_so_far

        for line in write_tables_so_far(settled, unfinished_tables(workflow.dag), Path(published(None))):
            print(line, file=sys.stderr)
        if workflow.stop_notice.stopped:
            print(workflow.stop_notice.line(stopped_trainings(workflow.dag)), file=sys.stderr)
            sys.exit(STATUS)


# a cluster's profile says how many GPUs it has; without any, such jobs run on the CPU, as many as there are cores for
if workflow.is_main_process and "gpu" not in workflow.global_resources and (gpus := visible_gpus()):
    workflow.register_resource("gpu", len(gpus))

# Snakemake has loaded its executors by now, and not made one yet
if (
    workflow.is_main_process
    and UNANSWERED_JOBS.is_needed
    and (slurm := sys.modules.get("snakemake_executor_plugin_slurm"))
):
    keep_unanswered_jobs(slurm.Executor)
