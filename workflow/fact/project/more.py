"""More budget: a further round that goes on from what has been labelled."""

from typing import cast

from fact.config.budget import budget_size
from fact.config.registries import read_overlay
from fact.data.labels_file import read_labels
from fact.data.manifest import read_manifest
from fact.infra.errors import ConfigError
from fact.infra.fields import Settings
from fact.infra.files.publish import publish_text
from fact.infra.files.yaml_file import parse_yaml
from fact.project.before import read_before, write_before
from fact.project.folder import BEFORE, MORE, Project, open_project, settled
from fact.project.settings import more_text


def more_labels(project: Project, budget: str) -> Project:
    """Write ``more.yaml`` and the list of what is labelled; the project as it is then.

    Raises ConfigError for a budget that is none or that the pool cannot fill, and where nothing was labelled
    since the last round, and FileNotFoundError without labels; nothing is written then.
    """
    if not project.labels.is_file():
        raise FileNotFoundError(
            f"{project.labels} is not there; label first, and take the labels in: fact run"
        )
    labels, before = read_labels(project.labels), read_before(project.before)
    if labels.keys() <= before.keys() and (project.folder / MORE).is_file():
        raise ConfigError(
            f"nothing was labelled since the last round; label what lies in {project.folder}, or change the "
            f"budget in {project.folder / MORE}"
        )
    known = {**before, **labels}
    text = more_text(project.cell.dataset, budget, BEFORE)
    _check(project, budget, text, len(known))
    write_before(project.folder / BEFORE, known)
    publish_text(project.folder / MORE, text)
    return open_project(project.folder)


def _check(project: Project, budget: str, text: str, labelled: int) -> None:
    """Raise ConfigError for a budget that cannot be read or is more than the pool still has."""
    settled([*map(read_overlay, project.overlays), cast("Settings", parse_yaml(text))])
    rows = read_manifest(project.index / "manifest.parquet")
    pool = int((rows["split"] == "pool").sum())
    left = max(0, pool - labelled)
    if budget_size(budget, pool) > left:
        raise ConfigError(
            f"--budget {budget} is more than the {left} images of the pool without a label; ask for fewer, "
            "or add images and run fact run --reindex"
        )
