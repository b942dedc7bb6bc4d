"""Which images are to be labelled now: those of this round, and those of the audit that stands."""

from collections.abc import Iterable

from fact.data.manifest import read_manifest
from fact.data.selection_file import read_chosen_paths
from fact.project.audit import audit_paths, ever_drawn
from fact.project.before import read_before
from fact.project.folder import Project
from fact.project.hand_out import Batch
from fact.project.labels_back import project_classes

AUDIT_NOTE = """\
These images were drawn at random, to measure the model on them. It is not trained on them while the
audit stands. Label every one, hard ones too: leaving those out would make the model look better than it is.
"""


def batch(project: Project) -> Batch:
    """Return what is to be labelled in this round: the selection without what was labelled before.

    And without images of audits, of those that have ended too: they were handed out by themselves. None is
    drawn from a selection that was handed out, so that an audit changes no such folder.
    """
    done = {*read_before(project.before), *ever_drawn(project)}
    chosen = read_chosen_paths(project.selection)
    paths = {name: path for name, path in chosen.items() if name not in done}
    return Batch(paths, _checksums(project, paths), project.images, classes=project_classes(project))


def audit_batch(project: Project) -> Batch:
    """Return the images of the audit that stands."""
    paths = audit_paths(project)
    checksums, classes = _checksums(project, paths), project_classes(project)
    return Batch(paths, checksums, project.images, classes=classes, note=AUDIT_NOTE, audit=True)


def _checksums(project: Project, names: Iterable[str]) -> dict[str, str]:
    """Return sha256 by sample id; an image that is gone from the index has an empty one."""
    rows = read_manifest(project.index / "manifest.parquet")
    known = dict(zip(rows["sample_id"], rows["sha256"], strict=True))
    return {name: known.get(name, "") for name in names}
