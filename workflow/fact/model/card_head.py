"""The head of a model card: what the Hugging Face Hub reads of it, as YAML."""

from pathlib import Path
from typing import TYPE_CHECKING

from fact.config.weights_source import LOCAL_DIR
from fact.infra.fields import Settings

if TYPE_CHECKING:
    from huggingface_hub import EvalResult

POOL = {
    "cross-validation": "unlabelled pool, estimated from held-out labels",
    "audit": "unlabelled pool, images drawn at random",
}
TAGS = ("fact", "active-finetuning", "few-shot", "image-classification")


def card_head(
    config: Settings,
    estimate: Settings,
    test: Settings,
    *,
    name: str,
    library: str,
) -> str:
    """Return the YAML between ``---`` lines, with the estimate and the accuracy on test images as results.

    ``library`` is the one that loads the folder: ``timm``, or ``fact-workflow``.
    """
    from huggingface_hub import ModelCardData

    data = ModelCardData(
        base_model=_base_model(str(config["source"])),
        library_name=library,
        license=config["license"],
        model_name=name,
        pipeline_tag="image-classification",
        tags=list(TAGS),
        eval_results=_results(estimate, test) or None,
        ignore_metadata_errors=False,
    )
    return f"---\n{data.to_yaml()}\n---\n"


def _base_model(source: str) -> str | None:
    """Return the pretrained model's name on the hub; None for one that is not from there."""
    if (
        source.startswith(LOCAL_DIR)
        or "/" in source
        or Path(source).suffix in (".safetensors", ".pth", ".th")
    ):
        return None
    return f"timm/{source}" if "." in source else None


def _results(estimate: Settings, test: Settings) -> "list[EvalResult]":
    from huggingface_hub import EvalResult

    # by split: the hub takes results of one split for one
    measured = {
        ("pool", POOL[estimate.get("source", "cross-validation")]): estimate["accuracy"],
        ("test", "test images"): test["accuracy"],
    }
    return [
        EvalResult(
            task_type="image-classification",
            dataset_type="imagefolder",
            dataset_name=images,
            dataset_split=split,
            metric_type="accuracy",
            metric_value=round(value, 4),
        )
        for (split, images), value in measured.items()
        if isinstance(value, float)
    ]
