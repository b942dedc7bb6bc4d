"""The settings of each stage of segmentation, with all layers of the configuration resolved."""

from fact.config.declared import SEGMENTATION, Config
from fact.config.settings import Settings, merged


def pair_settings(config: Config, dataset: str) -> Settings:
    """Return how images and masks become arrays."""
    declared, images = config.datasets[dataset], _part(config, dataset, "images")
    sides = {key: images[key] for key in ("short_side", "long_side")}
    return {"source": declared["source"], "options": declared["options"], **sides}


def crop_settings(config: Config, dataset: str) -> Settings:
    """Return the side of crops, and how they are drawn."""
    images = _part(config, dataset, "images")
    augmentation = {key: images[key] for key in ("scale", "flip", "max_share")}
    return {"crop_size": images["crop_size"], "augmentation": augmentation}


def maps_settings(config: Config, dataset: str) -> Settings:
    """Return what rule refine_maps computes."""
    run = {key: config.run[key] for key in ("precision", "store_dtype")}
    maps = {**crop_settings(config, dataset), **_part(config, dataset, "maps"), **run}
    decoder = _part(config, dataset, "decoder")
    return {"reading": pair_settings(config, dataset), "maps": maps, "decoder": decoder}


def training_settings(config: Config, dataset: str, budget: str, own: Settings) -> Settings:
    """Return a training with all layers resolved: of the task, the dataset, its budget and the stage."""
    by_budget = _own(config, dataset).get("budgets", {}).get(budget, {})
    return merged([_part(config, dataset, "training"), by_budget, own])


def stage_settings(config: Config, dataset: str, budget: str, own: Settings) -> Settings:
    """Return settings of a stage that trains and scores; ``own``: its entry among probes or recipes."""
    images = crop_settings(config, dataset)
    inference = {"crop_size": images["crop_size"], "precision": config.run["precision"]}
    return {
        "reading": pair_settings(config, dataset),
        "images": images,
        "decoder": _part(config, dataset, "decoder"),
        "training": training_settings(config, dataset, budget, own=own),
        "inference": {**_part(config, dataset, "inference"), **inference},
    }


def segmentation_probe_settings(config: Config, dataset: str, budget: str, probe: str) -> Settings:
    """Return settings of phase 1."""
    return stage_settings(config, dataset, budget, own=config.segmentation["probes"][probe])


def segmenter_settings(config: Config, dataset: str, budget: str, recipe: str) -> Settings:
    """Return settings of phase 2."""
    return stage_settings(config, dataset, budget, own=config.segmentation["recipes"][recipe])


def segmentation_head_settings(config: Config, dataset: str, budget: str, head: str) -> Settings:
    """Return settings of phase 3: those of a stage, and how FroFA's strength is chosen."""
    declared = config.segmentation["heads"][head]
    stage = stage_settings(config, dataset, budget, own=declared["training"])
    search = merged([stage["training"], declared["search"]])
    choice = {key: declared[key] for key in ("frofa", "folds", "fallback_strength")}
    return {**stage, **choice, "search": search}


def _part(config: Config, dataset: str, part: str) -> Settings:
    """Return a part of the task's settings, with the dataset's own on top."""
    return merged([config.segmentation[part], _own(config, dataset).get(part, {})])


def _own(config: Config, dataset: str) -> Settings:
    return config.datasets[dataset].get(SEGMENTATION, {})
