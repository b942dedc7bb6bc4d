"""Hand out images to label, the page for somebody without FACT among the formats."""

from pathlib import Path

from fact.project.folder import Project
from fact.project.hand_out import Batch, hand_out
from fact.project.labelling.file_page import write_label_page
from fact.project.labelling.project_task import image_task


def hand_out_page(project: Project, batch: Batch) -> Path:
    """Return the folder with these images to label; see :func:`fact.project.hand_out.hand_out`."""
    return hand_out(project.folder, batch, lambda path: _write(path, project, batch))


def _write(path: Path, project: Project, batch: Batch) -> None:
    task = image_task(project, batch)
    write_label_page(path, task, range(len(task.images)), project.folder.name)
