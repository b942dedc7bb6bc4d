"""What every stage of segmentation that scores writes beside its model."""

from collections.abc import Mapping
from pathlib import Path

from fact.infra.files.record import publish_record
from fact.infra.process.timing import timing_record
from fact.tasks.segmentation.inputs import Inputs
from fact.tasks.segmentation.model_files import save_shown
from fact.tasks.segmentation.phases import Outcome
from fact.tasks.segmentation.score import score_record


def publish_outcome(
    files: Mapping[str, str], outcome: Outcome, inputs: Inputs, setting: dict, code: str
) -> None:
    """Publish ``score``, ``timing`` and ``shown`` at the paths of ``files``; ``setting`` is plain JSON."""
    record = score_record(
        {**setting, "code_version": code},
        outcome.evaluation.matrix,
        len(inputs.test),
        inputs.classes,
        inputs.seen,
        **outcome.report,
    )
    save_shown(Path(files["shown"]), outcome.evaluation.shown)
    publish_record(files["score"], record)
    publish_record(files["timing"], timing_record(outcome.seconds))
