"""Bring a project as far as its labels allow, and say what is next."""

from collections import Counter
from collections.abc import Callable, Iterator

from fact.config.paths import WEIGHTS
from fact.data.manifest import FileOutcome, read_files, read_manifest
from fact.data.selection_file import read_chosen_paths
from fact.infra.files.record import read_record
from fact.infra.process.printable import printable
from fact.project.before import read_before
from fact.project.changes import find_changes
from fact.project.driving import Manner, drive, inside, planned
from fact.project.folder import Project
from fact.project.hand_out import Batch, hand_out
from fact.project.labels.reconcile import Outcome
from fact.project.labels_back import LabelsBack, project_classes, take_back

Say = Callable[[str], None]
# outcomes of labels that somebody has to look at
TO_MEND = (
    Outcome.UNKNOWN_CLASS,
    Outcome.UNKNOWN_ID,
    Outcome.CONFLICT,
    Outcome.SEVERAL,
    Outcome.OTHER_PATH,
    Outcome.OTHER_IMAGE,
)
SHOWN = 3


def advance(project: Project, manner: Manner, say: Say) -> None:
    """Select, hand out, take labels back and train, each step as far as it has not been done.

    ``say`` is given lines to print. Raises ConfigError (RunFailed) and FileNotFoundError where a step fails.
    """
    drive(project, _first_targets(project), manner, options=_weights_first(project))
    for line in _index_lines(project):
        say(line)
    sheet = project.selection.with_suffix(".html")
    folder = hand_out(project.folder, batch(project), sheet.read_text("utf-8"))
    say(f"to label:  {folder}")
    back = take_back(project)
    for line in _label_lines(project, back):
        say(line)
    names = set(back.labels.values())
    if not names:
        say(f"next:      label the images, {folder / 'README.txt'} says how; then fact run {project.folder}")
    elif len(names) == 1:
        say(f"next:      all labels are {printable(names.pop())!r}; label another class too, and run again")
    else:
        drive(project, ["model"], manner)
        for line in _model_lines(project):
            say(line)


def dry_run(project: Project, manner: Manner, say: Say) -> None:
    """Say what :func:`advance` would do next, and change nothing. Raises RunFailed."""
    phases = planned(project, _first_targets(project), manner)
    if not phases and project.labels.is_file():
        phases = planned(project, ["model"], manner)
    for phase in phases:
        say(f"would do:  {phase}")
    if not phases:
        say("would do:  nothing new; labels that came back are taken in by fact run")


def _first_targets(project: Project) -> list[str]:
    """Return what is made before labels are there."""
    sheet = project.selection.with_suffix(".html")
    # each by its name: Snakemake makes a deleted file again only when it is asked for
    asked = [project.index / "manifest.parquet", project.index / "files.csv", project.selection, sheet]
    return [inside(project, path) for path in asked]


def reindex(project: Project, manner: Manner) -> None:
    """Read the folder of images again. What follows runs again where the index is another one."""
    manifest = inside(project, project.index / "manifest.parquet")
    drive(project, [manifest], manner, options=["--forcerun", manifest])


def batch(project: Project) -> Batch:
    """Return what is to be labelled in this round: the selection without what was labelled before."""
    done = read_before(project.before)
    chosen = read_chosen_paths(project.selection)
    paths = {name: path for name, path in chosen.items() if name not in done}
    rows = read_manifest(project.index / "manifest.parquet")
    checksums = dict(zip(rows["sample_id"], rows["sha256"], strict=True))
    return Batch(
        paths, {name: checksums[name] for name in paths}, project.images, classes=project_classes(project)
    )


def _weights_first(project: Project) -> list[str]:
    """Return the options that fetch missing weights first, so that a missing network is named early."""
    folder = WEIGHTS.format(backbone=project.cell.backbone)
    weights = project.folder / folder / "model.safetensors"
    return [] if weights.is_file() else ["--prioritize", inside(project, weights)]


def _index_lines(project: Project) -> Iterator[str]:
    files = read_files(project.index / "files.csv")
    counts = Counter(outcome for outcome, _ in files.values())
    parts = [f"{counts[outcome]:,} {outcome.value}" for outcome in FileOutcome if counts[outcome]]
    yield f"images:    {', '.join(parts)}; each file: {project.index / 'files.csv'}"
    bad = [path for path, (outcome, _) in files.items() if outcome == FileOutcome.UNREADABLE]
    yield from (f"           {printable(path)}: {printable(files[path][1])}" for path in bad[:SHOWN])
    changes = find_changes(project.images, project.index)
    for kind, paths in changes._asdict().items():
        if paths:
            names = ", ".join(map(printable, paths[:SHOWN])) + (", …" if len(paths) > SHOWN else "")
            yield f"           {len(paths)} {kind} since they were indexed: {names}"
    if any(changes):
        yield "           to read the folder again: fact run --reindex (labels stay; the choice may change)"


def _label_lines(project: Project, back: LabelsBack) -> Iterator[str]:
    chosen = read_chosen_paths(project.selection)
    if not back.labels:
        return
    labelled = sum(name in back.labels for name in chosen)
    extra = len(back.labels) - labelled
    more = f", and {extra} more images" if extra else ""
    yield f"labels:    {labelled} of {len(chosen)}{more}: {project.labels}"
    if back.result is None:
        return
    counts = Counter(outcome for _, outcome in back.result.outcomes)
    for outcome in TO_MEND:
        if counts[outcome]:
            yield f"           {counts[outcome]} {outcome.value}"
    if any(counts[outcome] for outcome in TO_MEND):
        yield f"           look at {project.folder / 'label_report.md'}, mend these, and run again"


def _model_lines(project: Project) -> Iterator[str]:
    model = project.model
    result = read_record(model / "estimate.json")
    if result["accuracy"] is not None:
        low, high = 100 * result["low"], 100 * result["high"]
        yield f"accuracy:  {100 * result['accuracy']:.1f} % estimated ({low:.1f} to {high:.1f}) on the pool"
    yield f"model:     {model}; README.md there says how far to trust it"
    yield f"next:      fact predict {model} FOLDER --out predictions.csv"
    yield f"           or more labels: fact more {project.folder} --budget N, then fact run {project.folder}"
