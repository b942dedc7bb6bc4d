"""Projects of own images without their runs: what the workflow would have written, written here."""

from pathlib import Path

from fact.data.manifest import write_manifest
from fact.data.selection_file import write_selection
from fact.data.sources import own_images
from fact.project.create import new_project
from fact.project.folder import Project, open_project
from fact.project.settings import Asked


def asked(images: Path, **changes: object) -> Asked:
    """What `fact new` is told at least; the backbone is the embedded one, which needs no network."""
    return Asked(images, "3img", "vit_digits", None, None, None)._replace(**changes)


def selected(folder: Path, images: Path, chosen: list[str], **changes: object) -> Project:
    """A project that was indexed, with these images chosen."""
    if not (folder / "fact.yaml").exists():
        new_project(folder, asked(images, **changes), [])
    project = open_project(folder)
    options = project.dataset["options"]
    index = own_images.index(images, test=options["test"])
    write_manifest(project.index, index)
    rows = index.rows.set_index("sample_id", drop=False).loc[chosen]
    write_selection(project.selection, rows, [0.0] * len(rows), {"already_labelled": 0})
    return project


def plain_page(path: Path) -> None:
    """Write what stands for the page to label on."""
    path.write_text("<html>")
