# What jobs ask a cluster for: memory, time, and a GPU where the work is worth one. No rules here.

from snakemake.exceptions import WorkflowError


@cache
def planned_sizes():
    """What is known of datasets and backbones before they are here; imported when the first job asks for memory."""
    from fact.commands.planning.requests import PlannedSizes

    return PlannedSizes(settled, Path(paths.RESULTS))


def counted(stage, wildcards):
    """Sizes, of this job's pool among them. Of one that nobody has counted, Snakemake asks again when it is indexed."""
    if stage != "index_dataset":
        try:
            planned_sizes().counts(wildcards.dataset)
        except ConfigError as unknown:
            # by this name in its text Snakemake 9.27 knows that a resource is to be determined later
            raise WorkflowError(f"FileNotFoundError: {unknown}") from unknown
    return planned_sizes()


@cache
def request_of(stage, names, attempt):
    """What a job of these wildcards asks for, computed once for its memory and its time."""
    from fact.commands.planning.jobs import Job
    from fact.commands.planning.requests import requested

    return requested(Job(stage, dict(names)), planned_sizes(), attempt)


def asked_for(stage, wildcards, attempt):
    """What a job asks a cluster for."""
    counted(stage, wildcards)
    return request_of(stage, tuple(wildcards.items()), attempt)


def memory_of(stage):
    """Memory of a rule's jobs in MB, as a resource. Nothing limits it where no cluster does; a job that runs has it."""

    def mem_mb(wildcards, attempt):
        return asked_for(stage, wildcards, attempt).mem_mb if workflow.is_main_process else 1

    return mem_mb


def minutes_of(stage):
    """Time of a rule's jobs in minutes, as a resource."""

    def runtime(wildcards, attempt):
        return asked_for(stage, wildcards, attempt).minutes if workflow.is_main_process else 1

    return runtime


def gpu_of(stage):
    """One GPU for a job that is long enough on one to wait for it; the others must not hold any."""

    def gpu(wildcards):
        from fact.commands.planning.jobs import Job
        from fact.commands.planning.gpu_jobs import wants_gpu

        return int(wants_gpu(Job(stage, dict(wildcards.items())), counted(stage, wildcards)))

    return gpu
