"""What every stage that scores writes: score.json and timing.json, with its task's metrics as data."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fact.infra.fields import Settings
from fact.infra.files.record import publish_record
from fact.infra.process.timing import timing_record


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a stage reports: metrics by name and numbers of test images and parameters, in plain JSON types.

    ``seconds`` by phase go to timing.json. ``history``: one entry for each epoch or report of a training.
    """

    metrics: Mapping[str, object]
    test_images: int
    parameters: Mapping[str, int]
    seconds: Mapping[str, float]
    history: Sequence[Mapping[str, float]] = ()
    details: Settings = field(default_factory=dict)


def publish_outcome(files: Mapping[str, str], outcome: Outcome, setting: Settings, code: str) -> None:
    """Publish ``score`` and ``timing`` at the paths of ``files``; ``setting`` is plain JSON."""
    publish_record(files["score"], score_record({**setting, "code_version": code}, outcome))
    publish_record(files["timing"], timing_record(outcome.seconds))


def score_record(setting: Settings, outcome: Outcome) -> dict[str, object]:
    """Return the content of score.json: the same job gives the same bytes."""
    return {
        "setting": json_numbers(setting),
        **outcome.metrics,
        "test_images": outcome.test_images,
        "parameters": dict(outcome.parameters),
        "history": list(outcome.history),
        "details": json_numbers(outcome.details),
    }


def json_numbers(settings: Settings) -> dict[str, object]:
    """Return the settings with infinity, which JSON does not have, as text."""
    return json.loads(json.dumps(settings), parse_constant=str)
