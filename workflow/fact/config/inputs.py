"""Inputs of rules that depend on the configuration; wildcards in a path are those of the rule."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import cast

from fact.config import paths, settings
from fact.config.cells import first_step
from fact.config.declared import FROZEN, Config
from fact.config.groups import table_of
from fact.config.paths import Cell, fill, selection_path
from fact.config.settings import (
    VALIDATION_SHARES,
    decodes_test,
    given_file,
    keeps_refined,
    model_candidates,
)
from fact.config.targets import example_files
from fact.config.weights_source import LOCAL_DIR, RANDOM, is_url
from fact.infra.fields import Settings
from fact.infra.files.shipped import shipped_file


def fill_wildcards(patterns: object, wildcards: Mapping[str, object]) -> object:
    """Return a path, a list or a mapping of paths with the wildcards of a job filled in."""
    if isinstance(patterns, Mapping):
        return {name: fill_wildcards(pattern, wildcards) for name, pattern in patterns.items()}
    if isinstance(patterns, str):
        return patterns.format(**wildcards)
    return [pattern.format(**wildcards) for pattern in cast("Iterable[str]", patterns)]


def weights_files(config: Config, backbone: str) -> list[str]:
    """Return local files that a backbone is made from; a change of one fetches it again."""
    declared = config.backbones[backbone]
    if declared["model"].startswith(LOCAL_DIR):
        folder = declared["model"].removeprefix(LOCAL_DIR)
        return [given_file(f"{folder}/{name}") for name in ("config.json", "model.safetensors")]
    weights = declared["weights"]
    if not weights or weights == RANDOM or is_url(weights):
        return []
    return [given_file(str(shipped_file(weights)))]


def pretraining_pool(config: Config, backbone: str) -> Mapping[str, str]:
    """Return the pool that a backbone is pretrained on."""
    dataset = config.backbones[backbone]["pretrain"]["dataset"]
    return {
        "source": f"{paths.SOURCE.format(dataset=dataset)}/source.json",
        "manifest": f"{paths.DATASET.format(dataset=dataset)}/manifest.parquet",
    }


def already_labelled(config: Config, dataset: str) -> list[str]:
    """Return a list of images that were labelled before; selections complement it, training uses it."""
    return _optional(config.datasets[dataset].get("already_labelled"))


def labels(config: Config, dataset: str) -> list[str]:
    """Return the file of labels of a dataset, for what learns from them; all else is independent of it."""
    return _optional(config.datasets[dataset].get("labels"))


def groups(config: Config, dataset: str) -> list[str]:
    """Return the list of images that belong together, where the dataset says which."""
    return [paths.GROUPS] if config.datasets[dataset].get("groups") else []


def spread_groups(config: Config, dataset: str) -> list[str]:
    """Return the list of images that belong together, where a selection is spread over groups."""
    return groups(config, dataset) if config.datasets[dataset].get("spread_over_groups") else []


def groups_table(config: Config, dataset: str) -> list[str]:
    """Return the table that says which images belong together, if one does."""
    return _optional(table_of(config.datasets[dataset].get("groups")))


def audit(config: Config, dataset: str) -> list[str]:
    """Return the images drawn to measure the model on, and their labels; none before labels are back."""
    folder = config.datasets[dataset].get("audit")
    if not folder or not Path(folder, paths.AUDIT_LABELS).is_file():
        return []
    draw = Path(paths.AUDIT_DRAW)
    names = (paths.AUDIT_DRAW, paths.AUDIT_LABELS, draw.with_suffix(".json"))
    return [given_file(f"{folder}/{name}") for name in names]


def captions(config: Config, selector: str) -> list[str]:
    """Return the captions of a selector that compares images with texts."""
    return _optional(config.selectors[selector]["text"]["captions"])


def _optional(path: str | None) -> list[str]:
    return [given_file(path)] if path else []


def patterns(config: Config, selector: str) -> list[str]:
    """Return local patterns of the pool's images, for a selector that compares images by them."""
    asked = config.selectors[selector].get("patterns")
    return [f"{paths.FEATURES}/patterns/{selector}.h5"] if asked else []


def texts(config: Config, selector: str) -> list[str]:
    """Return text embeddings of a selector that moves features towards captions."""
    return [f"{paths.TEXTS}.safetensors"] if config.selectors[selector].get("text") else []


def first_selection(
    config: Config, dataset: str, backbone: str, selector: str, budget: str, seed: str
) -> Mapping[str, str]:
    """Return the selection of a two-step selector's first step, and the probe on its labels."""
    first = first_step(config, Cell(dataset, backbone, selector, budget=budget, seed=int(seed)))
    if first is None:
        raise ValueError(f"selectors.{selector} selects in one step")
    probe = config.selectors[selector]["probe"]
    return {
        "first": selection_path(first),
        "probe": f"{fill(paths.PROBE, first, probe=probe)}/head.safetensors",
    }


def starting_head(config: Config, dataset: str, recipe: str) -> list[str]:
    """Return the probe that a recipe starts from; none for a random head."""
    start = config.task(dataset).recipes[recipe]["start"]
    return [] if start == "random" else [f"{paths.RUN}/probe/{start}/head.safetensors"]


def pseudo_labels(config: Config, recipe: str) -> list[str]:
    """Return pseudo-labelled images of the pool that a recipe trains on beside the labelled ones."""
    name = config.recipes[recipe].get("pseudo")
    return [f"{paths.RUN}/pseudo/{name}.json"] if name else []


def surest_labels(config: Config, calibration: str) -> str:
    """Return propagated labels of the pool, of whose surest images a calibration takes some."""
    declared = config.calibrations[calibration]
    # the calibration's recipe, whatever recipe is trained on its labels
    pattern = paths.PROPAGATED.replace("{recipe}", declared["after"])
    return f"{pattern.replace('{propagation}', declared['propagation'])}.parquet"


def pool_of_head(config: Config, head: str) -> Mapping[str, str]:
    """Return refined vectors of the pool and labels propagated over them, for a head that is fitted on
    both.
    """
    asked = config.heads[head].get("pool")
    if not asked:
        return {}
    propagated = paths.PROPAGATED.replace("{propagation}", asked["propagation"])
    return {
        "pool": paths.REFINED_POOL,
        "propagated": f"{propagated}.parquet",
        "propagation": f"{propagated}.json",
    }


def decoded_test(config: Config, dataset: str) -> list[str]:
    """Return the decoded test images, where they are decoded once for all that scores on them."""
    return [paths.DECODED] if decodes_test(config, dataset) else []


def refined_test(config: Config, dataset: str) -> Mapping[str, str]:
    """Return refined features of the test images, or what they are streamed from with the checkpoint."""
    if keeps_refined(config, dataset):
        return {"test": f"{paths.RECIPE}/refined_test.h5"}
    return {
        "source": f"{paths.SOURCE}/source.json",
        "manifest": f"{paths.DATASET}/manifest.parquet",
        "weights": f"{paths.WEIGHTS}/model.safetensors",
        "spec": f"{paths.WEIGHTS}/backbone.json",
        "decoded": paths.DECODED,
    }


def maps_checkpoint(config: Config, recipe: str) -> list[str]:
    """Return the checkpoint whose backbone gives the maps; none for the frozen pretrained one."""
    return [] if recipe == FROZEN else [f"{paths.RECIPE}/checkpoint.safetensors"]


def validations(config: Config, backbone: str) -> list[str]:
    """Return out-of-fold logits of everything that the model is chosen among, the shares of each in a row."""
    shares = range(VALIDATION_SHARES)
    return [
        paths.VALIDATION.format(candidate=name, share=share, dataset="{dataset}", backbone="{backbone}")
        for name in model_candidates(config, backbone)
        for share in shares
    ]


def model_pool(config: Config, backbone: str, candidate: str) -> Mapping[str, str]:
    """Return what a candidate of a model knows of the pool: frozen features, or decoded images of a part."""
    if settings.model_pool(config) is None:
        return {}
    if candidate == FROZEN:
        return {"pool": f"{paths.FEATURES}/pool.h5"}
    return {"pool_images": paths.POOL_IMAGES}


def model_pools(config: Config, backbone: str) -> Mapping[str, str]:
    """Return what all candidates of a model know of the pool."""
    names = model_candidates(config, backbone)
    return {key: path for name in names for key, path in model_pool(config, backbone, name).items()}


def example_predictions(config: Config, table: str, dataset: str) -> Settings:
    """Return the example predictions of a dataset, with its images and masks."""
    files = example_files(config, table, dataset).values()
    return {
        "source": f"{paths.SOURCE}/source.json",
        "manifest": f"{paths.DATASET}/manifest.parquet",
        "classes": f"{paths.DATASET}/classes.json",
        "shown": list(dict.fromkeys(path for section in files for path in section.values())),
    }
