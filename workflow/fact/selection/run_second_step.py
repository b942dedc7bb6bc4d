"""Run the second step of a selection, which looks at a model of the first."""

import inspect

import numpy as np

from fact.features.store import FeatureSet
from fact.infra.errors import ArtifactError
from fact.infra.fields import Settings
from fact.infra.needed import needed
from fact.selection.contract import Selection
from fact.selection.probabilities import Probabilities
from fact.selection.second_step_contract import load_second_step
from fact.selection.settings import SelectorSettings
from fact.selection.texts.embeddings import TextEmbeddings, into_feature_space, texts_of_images


def second_step(
    settings: SelectorSettings,
    pool: FeatureSet,
    probabilities: Probabilities,
    labelled: np.ndarray,
    budget: int,
    seed: int,
    *,
    texts: TextEmbeddings | None = None,
) -> Selection:
    """Return the picks that follow the ``labelled`` rows; none where these are the whole budget.

    Only in the mode ``pool_oracle`` does a step get the labels of the whole pool. In the others an image
    without a caption of its own has the text of its label, or else of the class that the model gives it.
    """
    if budget == 0:
        return Selection(np.array([], np.int64), np.array([], np.float32))
    select, params = load_second_step(settings.module).select, dict(settings.params)
    if params.get("mode") == "pool_oracle" and "pool_labels" in inspect.signature(select).parameters:
        params["pool_labels"] = pool.labels
    if texts is not None:
        classes = params.get("pool_labels")
        own = texts_of_images(texts, _classes(pool, probabilities, labelled) if classes is None else classes)
        ridge = needed(settings.ridge, "text.ridge of a selector with texts")
        params["text"] = into_feature_space(own, pool.features, labelled, strength=ridge)
    return select(pool.features, probabilities, labelled, budget, seed, **params)


def check_first_step(record: Settings, attributes: Settings) -> None:
    """Raise ArtifactError where the first part was chosen on features of another arithmetic than the pool's.

    ``record`` is the one beside the first selection, ``attributes`` are those of the pool's features.
    """
    first, now = record.get("features_precision"), attributes.get("precision")
    if first and now and first != now:
        raise ArtifactError(
            f"the first part was chosen on features in {first}, and the pool's are in {now} now; "
            "delete the first selection and run again"
        )


def _classes(pool: FeatureSet, probabilities: Probabilities, labelled: np.ndarray) -> np.ndarray:
    """Return the class of each image (N,): its label where it is labelled, or what the model gives it."""
    classes = probabilities.per_image(lambda block, _: block.argmax(axis=1))
    # images that are to be labelled and have no label yet keep the model's class
    known = labelled[pool.labels[labelled] >= 0]
    classes[known] = pool.labels[known]
    return classes
