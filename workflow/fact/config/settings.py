"""The settings of each stage, with all layers of the configuration resolved.

Each is plain JSON: a rule hands it to its job as a parameter, and a change of it runs the job again.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import cast

from fact.config.declared import FROZEN, MERGED_TUNERS, Config
from fact.config.paths import input_path
from fact.config.plugin_parameters import takes_device
from fact.infra.errors import ConfigError
from fact.infra.fields import Settings

# options of a source that concern the reading of an image, rather than the index
READING_OPTIONS = ("exif", "max_pixels", "test")
# jobs that share the folds of one recipe, side by side
VALIDATION_SHARES = 2


def plain(settings: object) -> object:
    """Return plain JSON types with sorted keys: what Snakemake compares between runs."""
    return json.loads(json.dumps(settings, sort_keys=True))


def merged(layers: Iterable[Settings]) -> Settings:
    """Return a copy with later layers over earlier ones; mappings inside are merged one level deep."""
    result: dict = {}
    for layer in layers:
        for key, value in layer.items():
            both = isinstance(value, Mapping) and isinstance(result.get(key), Mapping)
            result[key] = {**result[key], **value} if both else value
    return cast("Settings", plain(result))


def given_file(path: str) -> str:
    """Return a file that the configuration names, as an input of a job in the working directory."""
    return input_path(path, Path.cwd())


def source_settings(config: Config, dataset: str) -> Settings:
    """Return what finds or downloads a dataset."""
    return {key: config.datasets[dataset][key] for key in ("source", "root")}


def index_settings(config: Config, dataset: str) -> Settings:
    """Return what lists the images, or masks, of a dataset."""
    return {key: config.datasets[dataset][key] for key in ("source", "options")}


def grouping_settings(config: Config, dataset: str) -> Settings:
    """Return what says which images belong together."""
    return {"groups": config.datasets[dataset].get("groups")}


def sorted_budgets(config: Config, dataset: str) -> list[str]:
    """Return the budgets of a dataset, to be checked before expensive work."""
    return sorted(config.datasets[dataset]["budgets"])


def backbone_settings(config: Config, backbone: str) -> Settings:
    """Return what fetches the weights of a backbone."""
    own = config.backbones[backbone].items()
    return {"name": backbone, **{key: value for key, value in own if key not in ("training", "tuners")}}


def pretraining_settings(config: Config, backbone: str) -> Settings:
    """Return what pretrains a backbone, and how the images of its pool are read."""
    reading = reading_settings(config, config.backbones[backbone]["pretrain"]["dataset"])
    return {"declared": backbone_settings(config, backbone), "reading": reading}


def transforms(config: Config, dataset: str) -> tuple[str, str]:
    """Return how images become squares: for selection and training, and for a tuned backbone afterwards.

    They are the same but for ``released``, as ActiveFT's code has it, which selects on whole images and
    cuts their borders off in evaluation.
    """
    declared = config.datasets[dataset]["transform"]
    return ("squash", "inner_crop") if declared == "released" else (declared, declared)


def reading_settings(config: Config, dataset: str) -> Settings:
    """Return how images become arrays, in selection and training."""
    declared = config.datasets[dataset]
    options = {key: value for key, value in declared["options"].items() if key in READING_OPTIONS}
    return {"source": declared["source"], "transform": transforms(config, dataset)[0], "options": options}


def extraction_settings(config: Config, dataset: str) -> Settings:
    """Return what extracts frozen features, which decide what is selected."""
    run = {key: config.run[key] for key in ("batch_size", "compile", "store_dtype")}
    return {**reading_settings(config, dataset), "precision": config.run["frozen_precision"], **run}


def refinement_settings(config: Config, dataset: str) -> Settings:
    """Return what extracts features of a tuned backbone."""
    own = {"precision": config.run["precision"], "transform": transforms(config, dataset)[1]}
    return {**extraction_settings(config, dataset), **own}


def pool_images(config: Config) -> int | None:
    """Return how many images of the pool phase 3 looks at beside the labelled ones; None for all."""
    return config.run["pool_images"]


def keeps_refined(config: Config, dataset: str) -> bool:
    """Return whether a dataset's refined test features, or its segmentation maps, stay on the disk."""
    own = config.datasets[dataset].get("keep_refined")
    return bool(config.run["keep_refined"] if own is None else own)


def streamed_test(config: Config, dataset: str) -> Settings | None:
    """Return what extracts refined features of the test images for a head; None where a file keeps them."""
    return None if keeps_refined(config, dataset) else refinement_settings(config, dataset)


def decodes_test(config: Config, dataset: str) -> bool:
    """Return whether test images are decoded to a file: where jobs score more than once, or stream them.

    Elsewhere one more job would cost more than it saves.
    """
    classified = not config.segments(dataset)
    return classified and (config.run["history"] == "paper" or not keeps_refined(config, dataset))


def decoding_settings(config: Config, dataset: str) -> Settings:
    """Return how test images become squares for scores."""
    return {**reading_settings(config, dataset), "transform": transforms(config, dataset)[1]}


def pattern_settings(config: Config, dataset: str, selector: str) -> Settings:
    """Return what extracts the local patterns that a selector compares images by."""
    return {**extraction_settings(config, dataset), "patterns": config.selectors[selector]["patterns"]}


def selector_settings(config: Config, dataset: str, selector: str) -> Settings:
    """Return a selector's settings, with the parameters that a dataset changes."""
    return _with_own_params(config, dataset, "selectors", name=selector)


def labelled_may_be_gone(config: Config, dataset: str) -> bool:
    """Return whether images that were labelled before may have left the pool: in folders of people's own."""
    return config.datasets[dataset]["source"] == "own_images"


def selects_on_device(config: Config, selector: str) -> bool:
    """Return whether a selector computes on a GPU where there is one; a job of another must not hold one."""
    declared = config.selectors[selector]
    package = "selection/second_steps" if "first" in declared else "selection/selectors"
    return takes_device(package, declared["module"])


def calibration_settings(config: Config, dataset: str, calibration: str) -> Settings:
    """Return a calibration's settings, with the parameters that a dataset changes."""
    return _with_own_params(config, dataset, "calibrations", name=calibration)


def _with_own_params(config: Config, dataset: str, registry: str, name: str) -> Settings:
    declared = config.entries(registry)[name]
    own = config.datasets[dataset].get(registry, {}).get(name, {})
    return {**declared, "params": {**declared["params"], **own}}


def propagation_settings(config: Config, propagation: str) -> Settings:
    """Return how labels spread over a pool."""
    return config.propagations[propagation]


def surest_settings(config: Config, calibration: str) -> Settings:
    """Return which of a pool's propagated labels a calibration takes."""
    return config.calibrations[calibration]


def text_settings(config: Config, selector: str) -> Settings:
    """Return the text tower of a selector, and what it is given of each image."""
    return {key: config.selectors[selector]["text"][key] for key in ("model", "template")}


def probe_settings(config: Config, dataset: str, backbone: str, probe: str) -> Settings:
    """Return a probe's settings; an SGD probe's training is resolved like a recipe's."""
    declared = config.probes[probe]
    if declared["kind"] == "lbfgs":
        return declared
    own, trained = config.backbones[backbone]["training"], config.datasets[dataset]["training"]
    return {"kind": "sgd", "training": merged([config.training, own, trained, declared["training"]])}


def recipe_settings(config: Config, dataset: str, backbone: str, recipe: str, budget: str) -> Settings:
    """Return a recipe with every default and override resolved (config/recipes.yaml gives the order)."""
    declared = config.datasets[dataset]
    own = dict(declared["recipes"].get(recipe, {}))
    by_budget = own.pop("budgets", {}).get(budget, {})
    backbones = config.backbones[backbone]["training"]
    layers = [config.training, backbones, declared["training"], config.recipes[recipe], own, by_budget]
    return merged(layers)


def evaluation_epochs(settings: Settings, history: str) -> list[int]:
    """Return 0-based epochs after which the model is scored on the test images; the last is among them."""
    last, every = settings["epochs"] - 1, settings["history_every"]
    return [last] if history == "last" else sorted({*range(every - 1, last, every), last})


def tuning_settings(config: Config, dataset: str, backbone: str, recipe: str, budget: str) -> Settings:
    """Return what phase 2 trains, how it is scored, and how images are read."""
    training = recipe_settings(config, dataset, backbone, recipe=recipe, budget=budget)
    evaluation = {
        "transform": transforms(config, dataset)[1],
        "epochs": evaluation_epochs(training, config.run["history"]),
        **{key: config.run[key] for key in ("precision", "batch_size")},
    }
    settings = {"training": training, "evaluation": evaluation, "reading": reading_settings(config, dataset)}
    # how many epochs these are is known when the images are
    return settings | ({"history": config.run["history"]} if training.get("pseudo_cost") else {})


def head_settings(config: Config, head: str) -> Settings:
    """Return the settings of a head of phase 3."""
    return config.heads[head]


def model_candidates(config: Config, backbone: str) -> list[str]:
    """Return what a model is chosen among, the simplest first: the frozen backbone, then recipes."""
    tuners = config.backbones[backbone].get("tuners") or MERGED_TUNERS
    recipes = config.model["recipes"]
    return [FROZEN, *(name for name in recipes if config.recipes[name]["tuner"] in tuners)]


def model_phases(config: Config, dataset: str, backbone: str, candidate: str) -> Settings:
    """Return settings of all phases of a candidate; ``recipe`` and ``probe`` are None where it has none."""
    recipe = probe = None
    if candidate != FROZEN:
        recipe = recipe_settings(config, dataset, backbone, recipe=candidate, budget="")
        start = config.recipes[candidate]["start"]
        probe = None if start == "random" else probe_settings(config, dataset, backbone, probe=start)
    run = {key: config.run[key] for key in ("precision", "batch_size")}
    return {"recipe": recipe, "probe": probe, "head": config.heads[config.model["head"]], **run}


def model_pool(config: Config) -> Settings | None:
    """Return how many unlabelled images phase 3 of a model looks at and how labels spread over them.

    None where the pool has no part in it.
    """
    share, images = config.heads[config.model["head"]].get("pool"), config.model["pool_images"]
    if not share or not images:
        return None
    return {"images": images, "propagation": config.propagations[share["propagation"]]}


def model_reading(config: Config, dataset: str) -> Settings:
    """Return how images become arrays for a model, in training and in use."""
    return {"reading": reading_settings(config, dataset), "transform": transforms(config, dataset)[1]}


def validation_settings(config: Config, dataset: str, backbone: str, candidate: str) -> Settings:
    """Return what fits a candidate without each fold of the labels."""
    phases = model_phases(config, dataset, backbone, candidate=candidate)
    model = {key: config.model[key] for key in ("folds", "seed")}
    others = [config.recipes[name]["tuner"] for name in config.model["recipes"] if name != candidate]
    return {
        "phases": phases,
        **model_reading(config, dataset),
        **model,
        "pool": model_pool(config),
        "shares": VALIDATION_SHARES,
        # of adapters on convolutions there is a better one: docs/models.md
        "full_is_tried": "full" in others,
    }


def assessment_settings(config: Config, backbone: str) -> Settings:
    """Return what the model is chosen among, and the seed of its estimate."""
    shared = {"shares": VALIDATION_SHARES, "seed": config.model["seed"]}
    return {"candidates": model_candidates(config, backbone), **shared}


def model_settings(config: Config, dataset: str, backbone: str) -> Settings:
    """Return the phases of every candidate, of which the chosen one is trained on all labels."""
    candidates = model_candidates(config, backbone)
    phases = {name: model_phases(config, dataset, backbone, candidate=name) for name in candidates}
    model = {"seed": config.model["seed"], "pool": model_pool(config)}
    return {"phases": phases, **model_reading(config, dataset), **model}


def pool_part_settings(config: Config, dataset: str) -> Settings:
    """Return how the unlabelled images that phase 3 of a model looks at are drawn and read."""
    return {**model_reading(config, dataset), "images": config.model["pool_images"]}


def pool_prediction_settings(config: Config, dataset: str) -> Settings:
    """Return how the pool is predicted, and how many images to label next."""
    return {**model_reading(config, dataset), "next": config.model["next"]}


def resume_settings(config: Config, path: Path) -> Settings:
    """Return where a training keeps its resume state, and how many minutes lie between two states."""
    return {"path": str(path), "minutes": config.run["resume_minutes"]}


def labelled_datasets(config: Config) -> list[str]:
    """Return the datasets of the run that have labels of their own.

    Raises ConfigError when none has.
    """
    names = config.run["datasets"]
    labelled = [name for name in names if config.datasets[name].get("labels")]
    if not labelled:
        raise ConfigError(
            f"none of the datasets {', '.join(names)} has `labels`; set "
            "datasets.NAME.labels to the file that `fact labels import` wrote"
        )
    return labelled


def feature_names(config: Config, dataset: str, backbone: str, split: str) -> Settings:
    """Return the names that a features file carries."""
    return {"dataset": dataset, "backbone": backbone, "split": split}
