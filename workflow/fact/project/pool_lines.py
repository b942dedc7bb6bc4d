"""What `fact run` says of the images: how many there are, what is odd about them, which belong together."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from fact.data.grouping import read_groups
from fact.data.manifest import FileOutcome, read_files, read_manifest
from fact.data.odd_images import odd_images
from fact.data.sources.own_images import NEAR_COPY, TEST
from fact.infra.files.record import read_record
from fact.infra.process.printable import printable
from fact.project.changes import find_changes
from fact.project.folder import Project
from fact.project.shown import FEW, few
from fact.selection.beside import Beside


def index_lines(project: Project) -> Iterator[str]:
    """Yield how many images there are, which are left out or odd, and what has changed since."""
    files = read_files(project.index / "files.csv")
    counts = Counter(outcome for outcome, _ in files.values())
    parts = [f"{counts[outcome]:,} {outcome.value}" for outcome in FileOutcome if counts[outcome]]
    tested = sum(read_manifest(project.index / "manifest.parquet")["split"] == "test")
    if tested:
        parts[0] = f"{counts[FileOutcome.USED] - tested:,} in the pool, {tested:,} test images"
    yield f"images:    {', '.join(parts)}; each file: {project.index / 'files.csv'}"
    yield from _copy_lines({path: reason for path, (_, reason) in files.items()})
    yield from _note_lines({path: note for path, (kind, note) in files.items() if kind == FileOutcome.USED})
    if odd_images(files):
        yield f"           to see such images: {project.odd_images}"
    bad = [path for path, (outcome, _) in files.items() if outcome == FileOutcome.UNREADABLE]
    yield from (f"           {printable(path)}: {printable(files[path][1])}" for path in bad[:FEW])
    changes = find_changes(project.images, project.index, project.test)
    for kind, paths in changes._asdict().items():
        if paths:
            yield f"           {len(paths)} {kind} since they were indexed: {few(paths)}"
    if any(changes):
        yield "           to read the folder again: fact run --reindex (labels stay; the choice may change)"


def _copy_lines(reasons: Mapping[str, str]) -> Iterator[str]:
    tested = [path for path, reason in reasons.items() if f" of {TEST}" in reason]
    if tested:
        yield f"           {len(tested)} are copies of test images, left out of the pool: {few(tested)}"
    near = [path for path, reason in reasons.items() if reason.startswith(NEAR_COPY) and path not in tested]
    if near:
        yield f"           {len(near)} are near copies, which share the label of another: {few(near)}"


def _note_lines(notes: Mapping[str, str]) -> Iterator[str]:
    odd = [path for path, note in notes.items() if note]
    if odd:
        counts = Counter(part for path in odd for part in notes[path].split(", "))
        said = ", ".join(f"{count:,} {note}" for note, count in counts.items())
        yield f"           of those used {said}, as files.csv says: {few(odd)}"


def group_lines(project: Project) -> Iterator[str]:
    """Yield which images belong together, or that they look as if they did and nobody has said so."""
    if project.groups:
        groups = read_groups(Path(project.groups[0]))
        rows = read_manifest(project.index / "manifest.parquet")
        own = rows["sample_id"][rows["split"] == "pool"]
        names = {groups[name] for name in own if name in groups}
        alone = sum(name not in groups for name in own)
        others = f"; {alone:,} images are in none, and count each by itself" if alone else ""
        yield f"groups:    {len(names):,} in the pool, each held out as a whole{others}"
        return
    found = read_record(project.selection.with_suffix(".measures.json")).get("beside")
    beside = Beside(**found) if found else Beside(0.0, 0.0)
    if beside.like_frames:
        yield f"beware:    {100 * beside.share:.0f} % of the images are most like a file beside them by name,"
        yield "           as frames of a video are, or photographs of one thing: the estimate would promise"
        yield "           too much for new ones. Say which belong together: `groups` in fact.yaml"
