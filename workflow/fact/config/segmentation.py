"""What a segmentation is to be run with: settings of each stage, as pure functions of the configuration."""

from collections.abc import Iterable

from fact.config.paths import plain

TASK = "segmentation"
SHARED = ("images", "decoder", "training", "maps", "inference")


def segments(dataset: dict) -> bool:
    """Whether a declared dataset is one of segmentation."""
    return dataset.get("task") == TASK


def reading_settings(config: dict, dataset: str) -> dict:
    """How images and masks become arrays."""
    declared, images = config["datasets"][dataset], _shared(config, dataset, "images")
    return plain(
        {
            "source": declared["source"],
            "options": declared["options"],
            **{key: images[key] for key in ("short_side", "long_side")},
        }
    )


def image_settings(config: dict, dataset: str) -> dict:
    """Crops: their side, and how they are drawn."""
    images = _shared(config, dataset, "images")
    augmentation = {key: images[key] for key in ("scale", "flip", "max_share")}
    return plain({"crop_size": images["crop_size"], "augmentation": augmentation})


def maps_settings(config: dict, dataset: str) -> dict:
    """What rule refine_maps computes."""
    run = {key: config["run"][key] for key in ("precision", "store_dtype")}
    reading = reading_settings(config, dataset)
    maps = {**image_settings(config, dataset), **_shared(config, dataset, "maps"), **run}
    return plain({"reading": reading, "maps": maps, "decoder": _shared(config, dataset, "decoder")})


def training_settings(config: dict, dataset: str, budget: str, own: dict) -> dict:
    """A training with all layers resolved: of the task, the dataset, its budget and the stage itself."""
    by_budget = config["datasets"][dataset].get(TASK, {}).get("budgets", {}).get(budget, {})
    return plain(_merged([_shared(config, dataset, "training"), by_budget, own]))


def stage_settings(config: dict, dataset: str, budget: str, own: dict) -> dict:
    """Settings of a stage that trains and scores; ``own``: its entry among probes, recipes or heads."""
    inference = _shared(config, dataset, "inference")
    images = image_settings(config, dataset)
    return plain(
        {
            "reading": reading_settings(config, dataset),
            "images": images,
            "decoder": _shared(config, dataset, "decoder"),
            "training": training_settings(config, dataset, budget, own),
            "inference": {
                **inference,
                "crop_size": images["crop_size"],
                "precision": config["run"]["precision"],
            },
        }
    )


def head_settings(config: dict, dataset: str, budget: str, head: str) -> dict:
    """Settings of phase 3: those of a stage, and how FroFA's strength is chosen."""
    declared = config[TASK]["heads"][head]
    stage = stage_settings(config, dataset, budget, declared["training"])
    search = {**stage["training"], **declared["search"]}
    choice = {key: declared[key] for key in ("frofa", "folds", "fallback_strength")}
    return plain({**stage, **choice, "search": search})


def _shared(config: dict, dataset: str, part: str) -> dict:
    """A part of the task's settings, with the dataset's own on top."""
    own = config["datasets"][dataset].get(TASK, {}).get(part, {})
    return _merged([config[TASK][part], own])


def _merged(layers: Iterable[dict]) -> dict:
    return {key: value for layer in layers for key, value in layer.items()}
