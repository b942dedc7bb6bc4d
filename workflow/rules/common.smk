# The checked configuration, and what hands parts of it to the rules. No rules here.
import hashlib
import shutil
import sys
from functools import cache
from pathlib import Path

try:
    from fact.config import cells, constraints, inputs, paths, segmentation, settings, tables, targets, used
except ModuleNotFoundError as missing:
    sys.exit(
        f"{sys.executable} has no package `{missing.name}`: this node runs another environment than the one that FACT is "
        "installed in. Activate that one, on a file system that the nodes share, or: pip install -e ."
    )
from fact.config.settle import settled_config
from fact.infra.errors import ConfigError
from fact.infra.process.stage_version import Stage, stage_version
from fact.report.page.templates import templates_sha256
from fact.tasks import plugin_modules as plugins

# not workflow.basedir, which is another workflow's where this one is a module of it
WORKFLOW = Path(workflow.current_basedir).parents[1]
try:
    settled = settled_config(WORKFLOW, [config])
except ConfigError as problem:
    sys.exit(f"{problem}")


wildcard_constraints:
    **constraints.wildcards(settled),


def from_config(function, *names):
    """Parameters of a job: what ``function`` takes from the configuration for these wildcards, as plain sorted JSON."""

    def parameters(wildcards):
        return settings.plain(function(settled, *(wildcards[name] for name in names)))

    return parameters


def unwatched(function, *names):
    """As from_config, for what the job checks and a change of which runs nothing again: a function of `output` is not compared."""

    def parameters(wildcards, output):
        return from_config(function, *names)(wildcards)

    return parameters


def inputs_from_config(function, *names):
    """Inputs of a job: paths of ``function`` for these wildcards, with all wildcards filled in."""

    def files(wildcards):
        patterns = function(settled, *(wildcards[name] for name in names))
        return inputs.fill_wildcards(patterns, dict(wildcards.items()))

    return files


def when_asked(function):
    """Inputs of a target, which are listed only when it is asked for."""

    def files(wildcards):
        return function(settled)

    return files


def own_targets():
    """Tables and datasets, each a target of its own. To be called when all rules are there."""
    names, taken = [*settled.tables, *settled.datasets], {rule.name for rule in workflow.rules}
    if clash := sorted(taken.intersection(names)):
        sys.exit(
            f"'{clash[0]}' is the name of a table or a dataset and of a rule of the workflow; rename the former"
        )
    return names


def resume_state(output_name, suffix="resume.safetensors"):
    """Where a training keeps its resume state, beside an output. A function of `output`, so that a change runs nothing again."""

    def resume(wildcards, output):
        return settings.resume_settings(settled, Path(output[output_name]).with_name(suffix))

    return resume


def model_resume_state(wildcards, output):
    """Where the trainings of a model keep their states: the stem of its first output. Likewise not compared."""
    return settings.resume_settings(settled, Path(output[0]).with_suffix(""))


def published(wildcards):
    """The paper's numbers: of the workflow, also when `--directory` names another folder for the results."""
    return settings.given_file(str(WORKFLOW.resolve() / "config/published.csv"))


def content_sha256(wildcards, input):
    """Checksum of the index, those of all images included. A function of `input`: it reruns nothing by itself."""
    return hashlib.sha256(Path(input.manifest).read_bytes()).hexdigest()


def require_slurm():
    """Stop with a remedy when jobs are to go to a Slurm that is not here.

    To be called while jobs are planned: before that Snakemake does not know its executor, after it sbatch is looked for.
    """
    executor = type(workflow.executor_settings).__module__
    to_slurm = executor.startswith("snakemake_executor_plugin_slurm")
    if workflow.is_main_process and to_slurm and shutil.which("sbatch") is None:
        sys.exit(
            "there is no Slurm here: no `sbatch` on the PATH. Run this on a login node of a cluster, or without one: "
            "snakemake --cores all"
        )


def threads_side_by_side():
    """Threads of each of a few long jobs: two cores run two of them at once, sooner than one after the other on both."""
    cores = workflow.resource_settings.cores
    return 1 if cores and cores < 4 else 2


# versions that this plan holds, for jobs to check theirs against
stages = {}


@cache
def code_version_of(script, *modules):
    """Version of a stage: its script, what that imports, ``modules``, which it imports by name, and libraries."""
    require_slurm()
    stage = Stage(str(WORKFLOW / f"workflow/scripts/{script}.py"), modules, settled.run["rerun_on"])
    code = stage_version(stage)
    stages[code] = stage
    return code


def code_of(script, plugin_modules=None, *names):
    """The code version of a stage; ``plugin_modules`` of the configuration and these wildcards are imported by name."""
    if plugin_modules is None:
        return code_version_of(script)

    def code(wildcards):
        return code_version_of(script, *plugin_modules(settled, *(wildcards[name] for name in names)))

    return code
