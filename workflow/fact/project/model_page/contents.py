"""What the page of a project's model holds."""

from dataclasses import dataclass

from fact.project.folder import Project
from fact.project.model_page.album import Wanted, wanted
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


def read_contents(project: Project) -> Contents:
    """Return what the page of a project shows. Raises what reading the model's files does."""
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
