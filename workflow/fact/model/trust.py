"""How far to trust a model and its estimate, in words."""

from collections.abc import Sequence

from fact.model.estimate import Measured
from fact.selection.beside import Beside

FEW = 5
LOPSIDED = 10


def warnings(counts: Sequence[int], classes: Sequence[str], result: Measured) -> list[str]:
    """Return what a reader of the estimate should know, one sentence each; ``counts`` are labels by class."""
    named = dict(zip(classes, counts, strict=True))
    present = {name: count for name, count in named.items() if count}
    sentences = []
    if result.accuracy is None:
        why = "No class has two labelled images"
        if max(present.values()) > 1:
            why = "No two groups of images have their classes in other groups too"
        sentences.append(
            f"{why}, so that none could be held out: nothing is known about the accuracy, recipe and head "
            "are fallbacks, and probabilities are not calibrated."
        )
    if absent := [name for name, count in named.items() if not count]:
        sentences.append(
            f"No label for {_list(absent)}: the model never predicts it, and images of it are mistaken for "
            "others; the estimate does not count them."
        )
    alone = [name for name, count in present.items() if count == 1]
    if alone and result.accuracy is not None:
        sentences.append(
            f"One label for {_list(alone)}: too few to hold out. The interval counts these images as wrong "
            "at its lower end and as right at its upper one."
        )
    if few := [name for name, count in present.items() if 1 < count < FEW]:
        sentences.append(f"Fewer than {FEW} labels for {_list(few)}: accuracy by class says little there.")
    most, least = (end(present, key=lambda name: present[name]) for end in (max, min))
    share = 100 * present[most] / sum(present.values())
    if present[most] >= LOPSIDED * present[least]:
        sentences.append(
            f"{most} has {present[most]} labels and {least} {present[least]}: look at the accuracy by class; "
            f"to say {most} of every image would be right for {share:.0f} % of the labelled ones."
        )
    return sentences


def frame_warnings(beside: Beside) -> list[str]:
    """Return what images that look like frames of a video mean for the estimate; nothing for others."""
    if not beside.like_frames:
        return []
    return [
        f"{100 * beside.share:.0f} % of the pool's images are most like one of the five files before or "
        f"behind them by name ({100 * beside.chance:.0f} % would be by chance), as frames of a video are, "
        "and photographs of one thing, patient or place. The estimate takes images for independent: for new "
        "scenes it promises too much, perhaps by far. Say which images belong together: `groups` in "
        "fact.yaml, fact new --groups."
    ]


def _list(names: Sequence[str], shown: int = 5) -> str:
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more
