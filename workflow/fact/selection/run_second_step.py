"""The second step of a selection, as the configuration asks for it."""

import inspect

import numpy as np

from fact.features.store import FeatureSet
from fact.selection.contract import Selection
from fact.selection.second_step_contract import load_second_step
from fact.selection.texts.embeddings import TextEmbeddings, into_feature_space, texts_of_images


def second_step(
    settings: dict,
    pool: FeatureSet,
    probabilities: np.ndarray,
    bought: np.ndarray,
    budget: int,
    seed: int,
    texts: TextEmbeddings | None = None,
) -> Selection:
    """The picks that follow the ``bought`` rows; none where these are the whole budget.

    ``settings``: ``module`` and ``params`` of the selector. A step with ``mode: pool_oracle`` is told the
    labels of the whole pool in that mode, and in no other; in the others an image without a caption of its
    own has the text of the class that the model gives it, bought ones that of their label.
    """
    if budget == 0:
        return Selection(np.array([], np.int64), np.array([], np.float32))
    select, params = load_second_step(settings["module"]).select, dict(settings["params"])
    classes = probabilities.argmax(axis=1)
    # of bought images that have no label yet the model's class is kept
    known = bought[pool.labels[bought] >= 0]
    classes[known] = pool.labels[known]
    if params.get("mode") == "pool_oracle" and "pool_labels" in inspect.signature(select).parameters:
        params["pool_labels"] = classes = pool.labels
    if texts is not None:
        own = texts_of_images(texts, classes)
        params["text"] = into_feature_space(own, pool.features, bought, settings["text"]["ridge"])
    return select(pool.features, probabilities, bought, budget, seed, **params)
