"""More budget: a further round that goes on from what has been labelled."""

from fact.data.labels_file import read_labels
from fact.infra.errors import ConfigError
from fact.infra.files.publish import publish_text
from fact.project.before import read_before, write_before
from fact.project.folder import MORE, Project, open_project
from fact.project.settings import more_text


def more_labels(project: Project, budget: str) -> Project:
    """Write ``more.yaml`` and the list of what is labelled; the project as it is then.

    Raises ConfigError where nothing was labelled since the last round, and FileNotFoundError without labels.
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
    path = project.folder / "already_labelled.csv"
    write_before(path, {**before, **labels})
    publish_text(project.folder / MORE, more_text(project.cell.dataset, budget, path))
    return open_project(project.folder)
