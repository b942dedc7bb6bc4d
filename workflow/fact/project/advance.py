"""Bring a project as far as its labels allow, and say what is next."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from fact.config.paths import AUDIT_DRAW, WEIGHTS
from fact.data.selection_file import read_chosen_paths
from fact.infra.files.record import read_record
from fact.infra.process.printable import printable
from fact.model.audit import with_audit
from fact.model.audit_file import read_draw
from fact.project.audit import audit_paths, images_gone
from fact.project.driving import Manner, drive, inside, planned
from fact.project.folder import INBOX, Project
from fact.project.forecast import forecast, forecast_line
from fact.project.labelling.handed_page import hand_out_page
from fact.project.labels.journal import JOURNAL
from fact.project.labels.misspelt import misspelt
from fact.project.labels.reconcile import Outcome, Reconciliation
from fact.project.labels_back import REPORTS, LabelsBack, project_classes, take_back
from fact.project.model_page.kept_page import keep_page
from fact.project.pool_lines import group_lines, index_lines
from fact.project.rounds import keep_round, round_lines
from fact.project.shown import few, shown
from fact.project.to_label import audit_batch, batch
from fact.project.unread import remedy_of, unread_files

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


def advance(project: Project, manner: Manner, say: Say, *, train: bool = True) -> None:
    """Select, hand out, take labels back and train, each step as far as it has not been done.

    ``say`` is given lines to print. Without ``train`` it ends when labels are taken in. Raises ConfigError
    (RunFailed) and FileNotFoundError where a step fails.
    """
    drive(project, _first_targets(project), manner, options=_weights_first(project))
    for line in index_lines(project):
        say(line)
    folder = hand_out_page(project, batch(project))
    say(f"to label:  {folder}")
    if project.audit:
        say(f"           {hand_out_page(project, audit_batch(project))} (audit)")
    for line in group_lines(project):
        say(line)
    back = take_back(project)
    for line in [*_label_lines(project, back), *audit_lines(project, back)]:
        say(line)
    open_lines = [*to_mend_lines(project, back), *unread_lines(project)]
    for line in open_lines:
        say(line)
    names, place = set(back.labels.values()), shown(project.folder)
    if not names:
        say(f"next:      label the images in the browser: fact label {place}")
        say(f"           or in another way, {folder / 'README.txt'} says how; then fact run {place}")
    elif len(names) == 1:
        say(f"next:      all labels are {printable(names.pop())!r}; label another class too, and run again")
    elif train:
        _train(project, len(back.labels), manner, say)
        keep_round(project, back.labels)
        keep_page(project)
        for line in [*round_lines(project.folder), *_model_lines(project, _to_label(project, back, folder))]:
            say(line)
        if open_lines:
            say("open:      what is said above of labels that are not used; it is still so:")
        for line in open_lines:
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
    asked += [project.selection.with_suffix(".measures.json"), project.odd_images]
    asked += map(Path, project.groups)
    return [inside(project, path) for path in asked]


def reindex(project: Project, manner: Manner) -> None:
    """Read the folder of images again. What follows runs again where the index is another one."""
    manifest = inside(project, project.index / "manifest.parquet")
    drive(project, [manifest], manner, options=["--forcerun", manifest])


def _weights_first(project: Project) -> list[str]:
    """Return the options that fetch missing weights first, so that a missing network is named early."""
    folder = WEIGHTS.format(backbone=project.cell.backbone)
    weights = project.folder / folder / "model.safetensors"
    return [] if weights.is_file() else ["--prioritize", inside(project, weights)]


def _label_lines(project: Project, back: LabelsBack) -> Iterator[str]:
    chosen = read_chosen_paths(project.selection)
    if not back.labels:
        return
    chosen = {name: path for name, path in chosen.items() if name not in audit_paths(project)}
    labelled = sum(name in back.labels for name in chosen)
    extra = len(back.labels) - labelled
    more = f", and {extra} more images" if extra else ""
    yield f"labels:    {labelled} of {len(chosen)}{more}: {project.labels}"
    if back.result is None:
        yield "           this list is yours and taken as it is; sheets and exports are not read beside it"
    if back.gone:
        yield f"           {len(back.gone)} fewer than the last time: {few(back.gone)}; every vote is in"
        yield f"           {project.folder / JOURNAL}, and {project.folder / REPORTS[0]} says why"


def to_mend_lines(project: Project, back: LabelsBack) -> Iterator[str]:
    """Yield what somebody has to mend in the labels that came back."""
    if back.result is not None:
        yield from _to_mend(back.result, project.folder / REPORTS[0])
        for name, known in misspelt(back.result, project_classes(project) or None).items():
            yield f"           class {printable(name)!r} is perhaps {printable(known)!r}"


def unread_lines(project: Project) -> Iterator[str]:
    """Yield the files with which somebody may have meant to give labels, and which are not read."""
    for path in unread_files(project):
        yield f"           not read: {shown(path)}; {remedy_of(path, project.folder / INBOX)}"


def _to_mend(result: Reconciliation, report: Path) -> Iterator[str]:
    counts = Counter(outcome for _, outcome in result.outcomes)
    for outcome in TO_MEND:
        if counts[outcome]:
            yield f"           {counts[outcome]} {outcome.value}"
    if any(counts[outcome] for outcome in TO_MEND):
        yield f"           look at {report}, mend these, and run again"


def audit_lines(project: Project, back: LabelsBack) -> Iterator[str]:
    """Yield how far the audit is, if one stands."""
    if project.audit is None:
        return
    draw, gone = read_draw(project.audit / AUDIT_DRAW), images_gone(project)
    labels, asked = back.audit.labels if back.audit else {}, len(draw.sample_ids) - len(gone)
    labelled = len(labels.keys() - gone)
    yield f"audit:     {labelled} of {asked} labelled; they measure the model, and it is not trained on them"
    if gone:
        yield f"           {len(gone)} more left the pool, deleted or renamed, and do not count: {few(gone)}"
    if back.audit:
        yield from _to_mend(back.audit, project.audit / REPORTS[0])
    if 0 < labelled < asked and not draw.ignore_missing:
        yield "           it counts when all are labelled; where labels are missing by chance, and not for"
        yield f"           images being hard to tell: fact audit {shown(project.folder)} --ignore-missing"


def _train(project: Project, labelled: int, manner: Manner, say: Say) -> None:
    """Make the model where it is not up to date, and say before about how long the training takes."""

    def on_plan(rules: Sequence[str]) -> None:
        found = forecast(project, labelled, manner.cores) if "validate_recipe" in rules else None
        if found:
            say(forecast_line(found))

    drive(project, ["model"], manner, on_plan=on_plan, warm_up=not _may_be_current(project))


def _may_be_current(project: Project) -> bool:
    """Return whether a model stands that is newer than its labels; what else it needs, Snakemake looks at."""
    card = project.model / "README.md"
    return card.is_file() and card.stat().st_mtime >= project.labels.stat().st_mtime


def _to_label(project: Project, back: LabelsBack, folder: Path) -> str:
    """Return what is open in a round of which no image is labelled yet; empty where it has begun."""
    asked = batch(project).there()
    if not asked or any(name in back.labels for name in asked):
        return ""
    return f"label the {len(asked)} images in {shown(folder)}, then fact run {shown(project.folder)}; or"


def _model_lines(project: Project, to_label: str) -> Iterator[str]:
    model = project.model
    result = with_audit(*(read_record(model / f"{name}.json") for name in ("estimate", "audit")))
    if result["accuracy"] is not None:
        low, high = 100 * result["low"], 100 * result["high"]
        audited = f"measured on {result['audit']['labelled']} images drawn at random"
        how = audited if result["source"] == "audit" else "estimated from the chosen images"
        where = "images of new groups" if project.groups else "the pool"
        yield f"accuracy:  {100 * result['accuracy']:.1f} % on {where} ({low:.1f} to {high:.1f}), {how}"
    if project.audit is None:
        yield f"           to measure it on images drawn at random: fact audit {shown(project.folder)}"
    yield f"model:     {model}; README.md there says how far to trust it"
    yield f"page:      {project.page}"
    if to_label:
        yield f"next:      {to_label}"
    yield f"{'' if to_label else 'next:':<11}fact predict {shown(model)} FOLDER --out predictions.csv"
    place = shown(project.folder)
    yield f"           or more labels: fact more {place} --budget N, then fact run {place}"
