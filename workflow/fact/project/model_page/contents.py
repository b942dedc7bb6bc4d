"""The page of a project's model: what it holds, as text, and as a file that is kept up to date."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from fact.infra.files.publish import publish_text
from fact.project.folder import Project
from fact.project.model_page.album import Wanted, album_state, read_album, wanted
from fact.project.model_page.answer import Answer, answer
from fact.project.model_page.confusions import Confusions, confusions
from fact.project.model_page.doubtful_labels import doubtful_labels
from fact.project.model_page.findings import Findings, read_findings
from fact.project.model_page.left_out import LeftOut, left_out
from fact.project.model_page.pool_pictures import PoolPictures, following_pictures, pool_pictures
from fact.project.model_page.tiles import Strip, names_of
from fact.project.model_page.usage import Usage, usage

FOLLOWING = 24
"""Images to label next that are shown."""
HEAD = 4096
"""Characters of a page within which its stamp stands."""


@dataclass(frozen=True)
class Contents:
    """What the sections of the page are filled from; ``confusions`` is None where it cannot be known."""

    findings: Findings
    answer: Answer
    confusions: Confusions | None
    doubtful: Strip
    pool: PoolPictures
    following: Strip
    left_out: LeftOut
    usage: Usage

    @property
    def in_view(self) -> list[str]:
        """Ids of images that are seen before anything is chosen, in their order."""
        ends = [strip for found in self.pool.classes for strip in (found.surest, found.least_sure)]
        return list(names_of([self.doubtful, *ends, self.following]))

    @property
    def images(self) -> list[Wanted]:
        """Return every image of the page, each once."""
        cells = self.confusions.cells if self.confusions else []
        return wanted(self.findings, [*self.in_view, *names_of(cell.behind for cell in cells)])


def model_page(project: Project) -> str:
    """Return the page of a project whose model is up to date: HTML that needs no other file.

    Images that are gone or changed have a place that says so. Raises FileNotFoundError, ArtifactError and
    DataError as reading the model's files does.
    """
    contents = _contents(project)
    return _filled(contents, _stamp(contents))


def keep_page(project: Project) -> Path:
    """Write the page where it is missing or would say something else; return its path.

    Raises what :func:`model_page` does.
    """
    contents = _contents(project)
    stamp = _stamp(contents)
    if not _has(project.page, stamp):
        publish_text(project.page, _filled(contents, stamp))
    return project.page


def _contents(project: Project) -> Contents:
    findings = read_findings(project)
    held_out = findings.held_out
    return Contents(
        findings,
        answer(findings),
        confusions(held_out, findings.classes) if held_out and held_out.sample_ids else None,
        doubtful_labels(project.model),
        pool_pictures(findings.predictions, findings.classes),
        following_pictures(findings.following, findings.predictions, FOLLOWING),
        left_out(findings.files),
        usage(findings),
    )


def _filled(contents: Contents, stamp: str) -> str:
    from fact.project.model_page.template import render

    return render(contents, read_album(contents.findings, contents.images), stamp)


def _stamp(contents: Contents) -> str:
    """Return a checksum of the page without its pictures, and of what they are made from."""
    from fact.project.model_page.template import render

    state = album_state(contents.findings, contents.images)
    return hashlib.sha256((render(contents, {}, "") + state).encode()).hexdigest()


def _has(path: Path, stamp: str) -> bool:
    try:
        with path.open(encoding="utf-8") as file:
            return f'content="{stamp}"' in file.read(HEAD)
    except (FileNotFoundError, UnicodeDecodeError):
        return False
