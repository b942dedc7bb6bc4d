"""The commands of own images: `fact new`, `fact run`, `fact more`, `fact audit`."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from fact.commands.errors import plain_errors
from fact.commands.options import spread_options

if TYPE_CHECKING:
    from fact.project.driving import Output
    from fact.project.settings import Asked

Folder = Annotated[Path, typer.Argument(help="The project's folder.")]
AUDIT_IMAGES = 30
Cores = Annotated[str, typer.Option(help="Cores to use, or all.")]


@dataclass(frozen=True)
class NewProject:
    """What a new project is made from, by the options of ``fact new``."""

    images: Annotated[Path, typer.Option(help="The images: any tree of folders, read and never changed.")]
    budget: Annotated[str, typer.Option(help="How many to label: 100, or a share such as 1pct.")]
    backbone: Annotated[
        str, typer.Option(help="A declared backbone (fact backbones), or local-dir:FOLDER of a timm model.")
    ] = "vit_small_dino"
    image_size: Annotated[
        int | None, typer.Option(min=8, help="Side of the backbone's input; smaller is faster.")
    ] = None
    test: Annotated[Path | None, typer.Option(help="Labelled images to measure on, <class>/….")] = None
    classes: Annotated[Path | None, typer.Option(help="Class names, one per line.")] = None
    labels: Annotated[
        Path | None,
        typer.Option(help="Labels that are there already: a table, an export, or class folders."),
    ] = None
    groups: Annotated[
        str | None,
        typer.Option(
            help="Images that belong together, as frames do: folder, a regular expression whose parentheses "
            "name the group, FILE.csv:COLUMN, or a column of --labels."
        ),
    ] = None
    already_labelled: Annotated[
        Path | None,
        typer.Option(help="Labels from before (sample_id,label); the selection goes on from them."),
    ] = None

    def asked(self) -> "Asked":
        """Return what the configuration is written from, with paths from the root."""
        from fact.project.folder import absolute
        from fact.project.settings import Asked

        return Asked(
            images=absolute(self.images),
            budget=f"{self.budget}img" if self.budget.isdigit() else self.budget,
            backbone=self.backbone,
            image_size=self.image_size,
            test=absolute(self.test) if self.test else None,
            already_labelled=self.already_labelled,
            labels=self.labels,
            groups=self.groups,
        )


@plain_errors()
@spread_options
def new(
    folder: Annotated[Path, typer.Argument(help="The project's folder, to be made.")],
    *,
    project: NewProject,
) -> None:
    """Begin a project with a folder of images: write a commented configuration. Next: fact run."""
    from fact.project.create import new_project
    from fact.project.folder import CONFIG, absolute
    from fact.project.labels.declared_classes import declared_classes
    from fact.project.shown import shown

    asked = project.asked()
    classes = declared_classes(project.classes) if project.classes else []
    is_new, result = new_project(folder, asked, classes)
    print(f"{absolute(folder) / CONFIG}{'' if is_new else ' is there already, and says the same'}")
    print(f"{result:,} images by name, {asked.budget} to label, backbone {asked.backbone}")
    if note := weights_note(asked.backbone):
        print(note)
    print(f"next: fact run {shown(folder)}")


@plain_errors()
def run(
    folder: Folder = Path("."),
    cores: Cores = "all",
    reindex: Annotated[
        bool, typer.Option("--reindex", help="Read the folder of images again, for new or changed ones.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Say what would be done, and change nothing.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show all that Snakemake prints, not one bar.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    train: Annotated[
        bool, typer.Option("--train/--no-train", help="Choose, hand out and take labels in; train nothing.")
    ] = True,
    progress_json: Annotated[
        bool, typer.Option("--progress-json", help="Print progress as lines of JSON, for a program.")
    ] = False,
    option: Annotated[
        list[str] | None, typer.Option(help="Passed on to Snakemake, such as --option=--profile=slurm.")
    ] = None,
) -> None:
    """Go as far as the labels allow, and say what is next. Can be repeated at any time, from any folder."""
    from fact.project import advance
    from fact.project.driving import Manner
    from fact.project.folder import open_project
    from fact.project.turn import own_turn

    project = open_project(folder)
    shown = {"verbose": verbose, "quiet": quiet, "json": progress_json}
    output = next((name for name, asked in shown.items() if asked), "bar")
    manner = Manner(cores, option or [], cast("Output", output))
    # at once, so that lines and what Snakemake prints keep their order
    say = partial(print, flush=True)
    if dry_run:
        advance.dry_run(project, manner, say)
        return
    with own_turn(project.folder):
        if reindex:
            advance.reindex(project, manner)
        advance.advance(project, manner, say, train=train)


@plain_errors()
def more(
    folder: Folder,
    budget: Annotated[str, typer.Option(help="How many more to label: 50, or a share such as 1pct.")],
) -> None:
    """A further round: the selection goes on from what is labelled. Next: fact run."""
    from fact.project.folder import MORE, open_project
    from fact.project.more import more_labels
    from fact.project.shown import shown
    from fact.project.turn import own_turn

    project = open_project(folder)
    with own_turn(project.folder):
        project = more_labels(project, f"{budget}img" if budget.isdigit() else budget)
    print(f"{project.folder / MORE}: {project.dataset['budgets'][0]} on top of what is labelled")
    print(f"next: fact run {shown(folder)}")


@plain_errors()
def audit(
    folder: Folder,
    images: Annotated[
        int | None, typer.Option(min=1, help="How many images to draw; 30 where nothing is said.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Another seed draws other images.")] = 0,
    ignore_missing: Annotated[
        bool,
        typer.Option("--ignore-missing", help="Images without a label lack it by chance: do without them."),
    ] = False,
    end: Annotated[
        bool, typer.Option("--end", help="End the audit: the next fact run trains on its images too.")
    ] = False,
    cores: Cores = "all",
) -> None:
    """Draw images at random to measure the model on. Where an audit has begun, go on as fact run does."""
    from fact.project import advance
    from fact.project.audit import audit_paths, begin_audit, end_audit, ignore_missing_labels
    from fact.project.driving import Manner
    from fact.project.folder import open_project
    from fact.project.shown import shown
    from fact.project.turn import own_turn

    project = open_project(folder)
    with own_turn(project.folder):
        if end:
            end_audit(project)
            print(f"the audit has ended; its labels are trained on from the next fact run {shown(folder)}")
            return
        if ignore_missing:
            ignore_missing_labels(project)
        elif project.audit is None or images not in (None, len(audit_paths(project))):
            project = begin_audit(project, images or AUDIT_IMAGES, seed)
        advance.advance(project, Manner(cores), partial(print, flush=True))


def weights_note(backbone: str) -> str:
    """Return what to know before the weights are fetched; empty where they need no network."""
    from fact.config.weights_source import LOCAL_DIR
    from fact.project.folder import declared_backbones

    if backbone.startswith(LOCAL_DIR):
        return ""
    weights = declared_backbones()[backbone]["weights"]
    if weights and "://" not in weights:
        return ""
    return (
        f"The first run fetches the weights of {backbone}, once. Without a network: "
        "--backbone local-dir:FOLDER, a timm folder with config.json and model.safetensors"
    )
