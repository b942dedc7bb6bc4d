"""How much work a job of segmentation is, in operations of forward passes.

They are counted on the model itself, so that the side of crops, the width of the decoder and the backbone are
all in the work, and a rate borrowed from another backbone or dataset is taken as it is. (Parameters × tokens
of the backbone would not do: with ViT-S and UPerNet as published the head is 88 % of a forward pass.) What
is not in it: backward passes, auxiliary head and resampling, which go along with the operations and so are
part of the rate; and that narrow layers take longer for an operation than wide ones: measure with the
decoder that is to be planned.
"""

from fact.commands.planning.sizes import Sizes
from fact.config.segmentation import maps_settings, segmentation_head_settings, stage_settings
from fact.config.settings import Settings
from fact.tasks.segmentation.inference import window_starts
from fact.training.heads.spec import read_frofa

# forward and backward pass together, in forward passes
TRAINED = 3


def map_rows(names: dict[str, str], sizes: Sizes) -> int:
    """Return crops in a maps file."""
    return maps_settings(sizes.config, names["dataset"])["maps"]["views"] * sizes.labelled(names)


def settings_of(names: dict[str, str], sizes: Sizes) -> Settings:
    """Return the resolved settings of the stage that a job's names mean: a head, a recipe or a probe."""
    declared, dataset, budget = sizes.config.segmentation, names["dataset"], names["budget"]
    if "head" in names:
        return segmentation_head_settings(sizes.config, dataset, budget, head=names["head"])
    recipes, probes = declared["recipes"], declared["probes"]
    own = recipes[names["recipe"]] if "recipe" in names else probes[names["probe"]]
    return stage_settings(sizes.config, dataset, budget, own=own)


def _maps(names: dict[str, str], sizes: Sizes) -> dict[str, float]:
    """Return the work of rule refine_maps: the backbone on every crop."""
    return {"maps": map_rows(names, sizes) * sizes.segmenter(names["dataset"], names["backbone"]).backbone}


def _probe(names: dict[str, str], sizes: Sizes) -> dict[str, float]:
    """Return the work of phase 1: the head on maps, then test images."""
    settings = settings_of(names, sizes)
    head = sizes.segmenter(names["dataset"], names["backbone"]).head
    return {
        "train": _crops(settings["training"]) * head,
        "evaluate": _evaluation(settings, names, sizes),
    }


def _tuning(names: dict[str, str], sizes: Sizes) -> dict[str, float]:
    """Return the work of phase 2: labelled images decoded (their number), the whole model on crops, then test
    images.
    """
    settings, size = settings_of(names, sizes), sizes.segmenter(names["dataset"], names["backbone"])
    return {
        "decode": sizes.labelled(names),
        "train": _crops(settings["training"]) * (size.backbone + size.head),
        "evaluate": _evaluation(settings, names, sizes),
    }


def _head(names: dict[str, str], sizes: Sizes) -> dict[str, float]:
    """Return the work of phase 3: that of phase 1, and before it the search for FroFA's strength where there
    is one.
    """
    settings = settings_of(names, sizes)
    folds = min(settings["folds"], sizes.labelled(names))
    strengths = len(read_frofa(settings["frofa"]).strengths)
    work = _probe(names, sizes)
    if strengths == 1 or folds == 1:
        return work
    # every row is held out once for each strength
    crops = folds * _crops(settings["search"]) + map_rows(names, sizes) / TRAINED
    return {"search": strengths * crops * sizes.segmenter(names["dataset"], names["backbone"]).head, **work}


def _crops(training: Settings) -> int:
    return training["iterations"] * training["batch_size"]


def _evaluation(settings: Settings, names: dict[str, str], sizes: Sizes) -> float:
    """Return test images as if they were square:
    how much longer they are is not known before they are here.
    """
    inference = settings["inference"]
    crop = inference["crop_size"]
    # images that stay as they are: taken for as large as a crop
    short = settings["reading"]["short_side"] or crop
    step = max(1, round(crop * (1 - inference["overlap"])))
    side = len(window_starts(short, crop, step)) * crop if inference["mode"] == "slide" else short
    size = sizes.segmenter(names["dataset"], names["backbone"])
    return sizes.counts(names["dataset"]).test * (side / crop) ** 2 * (size.backbone + size.head)


SEGMENTATION = {
    "refine_maps": _maps,
    "refine_passing_maps": _maps,
    "train_segmentation_probe": _probe,
    "tune_segmenter": _tuning,
    "fit_segmentation_head": _head,
}
"""Rule by rule the work of a cell, from its names."""
