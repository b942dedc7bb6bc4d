"""The page of a project's model: as text, and as a file that is kept up to date."""

import hashlib
from pathlib import Path

from fact.infra.files.publish import publish_text
from fact.project.folder import Project
from fact.project.model_page.album import album_state, read_album
from fact.project.model_page.contents import Contents, read_contents
from fact.project.model_page.template import render

HEAD = 4096
"""Characters of a page within which its stamp stands."""


def model_page(project: Project) -> str:
    """Return the page of a project whose model is up to date: HTML that needs no other file.

    Images that are gone or changed have a place that says so. Raises FileNotFoundError, ArtifactError and
    DataError as reading the model's files does.
    """
    contents = read_contents(project)
    return _filled(contents, _stamp(contents))


def keep_page(project: Project) -> Path:
    """Write the page where it is missing or would say something else; return its path.

    Raises what :func:`model_page` does.
    """
    contents = read_contents(project)
    stamp = _stamp(contents)
    if not _has(project.page, stamp):
        publish_text(project.page, _filled(contents, stamp))
    return project.page


def _filled(contents: Contents, stamp: str) -> str:
    return render(contents, read_album(contents.findings, contents.images), stamp)


def _stamp(contents: Contents) -> str:
    """Return a checksum of the page without its pictures, and of what they are made from."""
    state = album_state(contents.findings, contents.images)
    return hashlib.sha256((render(contents, {}, "") + state).encode()).hexdigest()


def _has(path: Path, stamp: str) -> bool:
    try:
        with path.open(encoding="utf-8") as file:
            return f'content="{stamp}"' in file.read(HEAD)
    except (FileNotFoundError, UnicodeDecodeError):
        return False
