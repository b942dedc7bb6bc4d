"""How good the model is, in one sentence, with what it rests on."""

from typing import NamedTuple

from fact.infra.fields import Settings
from fact.model.card import TRIED, accuracy_text, gains_text, percent, tried_rows, what_text
from fact.project.model_page.findings import Findings

NOT_KNOWN = "How good the model is is not known: no labelled image could be held out to try it on."
ESTIMATED = (
    "This is an estimate from the labelled images, which were chosen and not drawn at random: it may be off "
    "by several points."
)


class Scale(NamedTuple):
    """Accuracy and interval as shares of 1, to be drawn."""

    accuracy: float
    low: float
    high: float

    @property
    def words(self) -> str:
        """Return the numbers in words."""
        return f"{percent(self.accuracy)}, between {percent(self.low)} and {percent(self.high)}"


class Answer(NamedTuple):
    """The sentence, its kind, and Markdown of what is behind it; ``scale`` is None where nothing is known."""

    scale: Scale | None
    sentence: str
    kind: str
    measure: bool
    made_of: str
    more_labels: str
    how: str
    tried: list[tuple[str, ...]]
    tried_header: tuple[str, ...]
    beware: list[str]
    on_test: str


def answer(findings: Findings) -> Answer:
    """Return what a reader wants to know first."""
    estimate, assessment = findings.estimate, findings.assessment
    audited = estimate["source"] == "audit"
    scale = scale_of(estimate)
    return Answer(
        scale,
        _sentence(scale, estimate, bool(assessment["measured"]["groups"])),
        _kind(estimate),
        not audited,
        made_of=what_text(findings.config, assessment),
        more_labels=gains_text(assessment),
        how=accuracy_text(assessment["measured"], estimate),
        tried=[tuple(row) for row in tried_rows(assessment)],
        tried_header=TRIED,
        beware=list(assessment["cautions"]),
        on_test=_on_test(findings.test),
    )


def scale_of(record: Settings) -> Scale | None:
    """Return accuracy and interval of a record; None where they are not known."""
    if record["accuracy"] is None:
        return None
    return Scale(*(float(record[name]) for name in ("accuracy", "low", "high")))


def _sentence(scale: Scale | None, estimate: Settings, groups: bool) -> str:
    if scale is None:
        return NOT_KNOWN
    which = "images of new groups" if groups else "images like these"
    accuracy, low, high = (f"{100 * share:.0f}" for share in scale)
    about = "" if estimate["source"] == "audit" else "about "
    return (
        f"Of 100 {which} the model names {about}{accuracy} right; with {100 * estimate['level']:.0f} % "
        f"confidence between {low} and {high}."
    )


def _kind(estimate: Settings) -> str:
    if estimate["source"] == "audit":
        images = estimate["audit"]["labelled"]
        return f"Measured on {images} images drawn at random from the pool, whose labels the model never saw."
    return ESTIMATED if estimate["accuracy"] is not None else ""


def _on_test(test: Settings) -> str:
    if test["accuracy"] is None:
        return ""
    ends = f"{percent(test['low'])} to {percent(test['high'])}"
    return f"{percent(test['accuracy'])} ({ends}) of {test['images']} test images"
