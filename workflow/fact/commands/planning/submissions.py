"""Submissions to Slurm: jobs that are none, and groups of jobs that are one."""

from collections.abc import Sequence

from fact.commands.planning.jobs import Job
from fact.commands.planning.profile import Profile
from fact.config.declared import FROZEN

# rules that run with the driver (`localrules`)
LOCAL = (
    "get_data",
    "get_weights",
    "embed_texts",
    "compare_selectors",
    "collect_scores",
    "make_table",
    "plot_budgets",
    "plot_bars",
    "plot_distortion",
    "show_segmentations",
    "write_report",
)
# what makes the others of a group its neighbours
FIRST = ("select_samples", "refine_labelled", "refine_passing_maps")
SHARED = ("dataset", "backbone", "selector", "budget", "seed", "recipe")


def submissions(jobs: Sequence[Job], profile: Profile) -> list[list[Job]]:
    """Return the jobs that are submitted together; those that the driver runs itself are in none.

    A group holds jobs that follow from one another. Members whose first job is up to date are single ones.
    """
    begun = {_shared(job, profile) for job in jobs if job.rule in FIRST and job.rule in profile.groups}
    found: dict[tuple, list[Job]] = {}
    for number, job in enumerate(job for job in jobs if job.rule not in LOCAL):
        together = _shared(job, profile)
        found.setdefault(together if together in begun else (number,), []).append(job)
    return list(found.values())


def _shared(job: Job, profile: Profile) -> tuple:
    # the probe learns from maps of the frozen backbone
    names = {"recipe": FROZEN if job.rule == "train_segmentation_probe" else "", **job.names}
    return (profile.groups.get(job.rule, ""), *(names.get(name, "") for name in SHARED))
