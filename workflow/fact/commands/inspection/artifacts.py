"""The kinds of files among the results: what each is, the rule that makes it, and the rules that read it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from fact.config import paths
from fact.config.paths import path_regex


class Artifact(NamedTuple):
    """A kind of file: a pattern of :mod:`fact.config.paths`, what it is, and the rules around it."""

    pattern: str
    what: str
    rule: str
    used_by: tuple[str, ...] = ()


class Found(NamedTuple):
    """The kind of a file, the names in its path, and the folder that holds ``results/``'s content."""

    artifact: Artifact
    names: dict[str, str]
    root: Path


WITH_IMAGES = ("extract_features", "tune_backbone", "refine_features", "validate_recipe", "train_model")
AFTER_SELECTION = ("train_probe", "tune_backbone", "refine_features", "measure_selection", "show_selection")
OF_MODEL = ("estimate_model", "audit_model", "export_model", "describe_model")
ARTIFACTS = (
    Artifact(
        f"{paths.SOURCE}/source.json", "where the images of a dataset are", "get_data", ("index_dataset",)
    ),
    Artifact(
        f"{paths.DATASET}/manifest.parquet",
        "the images of a dataset, their splits and labels",
        "index_dataset",
        (*WITH_IMAGES, "select_samples"),
    ),
    Artifact(
        f"{paths.DATASET}/files.csv", "what became of every file", "index_dataset", ("show_odd_images",)
    ),
    Artifact(f"{paths.DATASET}/problems.csv", "files that were left out, and why", "index_dataset"),
    Artifact(f"{paths.DATASET}/classes.json", "names of the classes", "index_dataset", WITH_IMAGES),
    Artifact(f"{paths.DATASET}/masks.parquet", "classes in each mask", "index_masks", ("refine_maps",)),
    Artifact(paths.GROUPS, "which images belong together", "group_images", ("validate_recipe",)),
    Artifact(paths.ODD_IMAGES, "a page of odd images", "show_odd_images"),
    Artifact(paths.DECODED, "test images as squares", "decode_test", ("tune_backbone", "fit_head")),
    Artifact(f"{paths.WEIGHTS}/model.safetensors", "weights of a backbone", "get_weights", WITH_IMAGES),
    Artifact(
        f"{paths.WEIGHTS}/backbone.json", "architecture and input of a backbone", "get_weights", WITH_IMAGES
    ),
    Artifact(
        f"{paths.FEATURES}/pool-map.parquet", "the pool in two dimensions", "map_pool", ("show_selection",)
    ),
    Artifact(f"{paths.FEATURES}/patterns/{{selector}}.h5", "local vectors of the pool", "extract_patterns"),
    Artifact(
        f"{paths.FEATURES}/{{split}}.h5",
        "frozen features",
        "extract_features",
        ("select_samples", "train_probe", "assess_model", "estimate_model"),
    ),
    Artifact(f"{paths.TEXTS}.safetensors", "vectors of texts", "embed_texts", ("select_second_step",)),
    Artifact(f"{paths.SELECTION}.csv", "a selection: images to label", "select_samples", AFTER_SELECTION),
    Artifact(
        f"{paths.SELECTION}.measures.json",
        "what picks are worth",
        "measure_selection",
        ("compare_selectors",),
    ),
    Artifact(
        f"{paths.SELECTION}.timing.json", "seconds of a selection", "select_samples", ("compare_selectors",)
    ),
    Artifact(f"{paths.SELECTION}.json", "how a selection was made", "select_samples", ("show_selection",)),
    Artifact(f"{paths.SELECTION}.html", "a sheet of the chosen images", "show_selection"),
    Artifact(
        f"{paths.PSEUDO}.json", "pseudo-labelled images of the pool", "calibrate_labels", ("tune_backbone",)
    ),
    Artifact(f"{paths.PROBE}/head.safetensors", "phase 1: a linear probe", "train_probe", ("tune_backbone",)),
    Artifact(f"{paths.PROBE}/score.json", "the score of phase 1", "train_probe", ("collect_scores",)),
    Artifact(
        f"{paths.RECIPE}/checkpoint.safetensors",
        "phase 2: a finetuned backbone",
        "tune_backbone",
        ("refine_features", "refine_pool", "fit_head", "measure_distortion"),
    ),
    Artifact(f"{paths.RECIPE}/score.json", "the score of phase 2", "tune_backbone", ("collect_scores",)),
    Artifact(f"{paths.RECIPE}/refined_labelled.h5", "refined features", "refine_features", ("fit_head",)),
    Artifact(
        f"{paths.RECIPE}/refined_test.h5", "refined features of test images", "refine_features", ("fit_head",)
    ),
    Artifact(
        paths.REFINED_POOL, "refined vectors of the pool", "refine_pool", ("propagate_labels", "fit_head")
    ),
    Artifact(
        f"{paths.RECIPE}/maps_labelled.h5", "feature maps of crops", "refine_maps", ("fit_segmentation_head",)
    ),
    Artifact(f"{paths.RECIPE}/distortion.json", "how far finetuning moves features", "measure_distortion"),
    Artifact(f"{paths.PROPAGATED}.parquet", "labels spread over the pool", "propagate_labels", ("fit_head",)),
    Artifact(f"{paths.PROPAGATED}.json", "shares of classes in the pool", "propagate_labels"),
    Artifact(f"{paths.HEAD}/head.safetensors", "phase 3: a head", "fit_head"),
    Artifact(f"{paths.HEAD}/score.json", "the score of phase 3", "fit_head", ("collect_scores",)),
    Artifact(paths.VALIDATION, "out-of-fold logits of a recipe", "validate_recipe", ("assess_model",)),
    Artifact(
        f"{paths.MODEL}/assessment.json", "which recipe a model takes", "assess_model", ("train_model",)
    ),
    Artifact(f"{paths.MODEL}/label_errors.csv", "labels to look at again", "assess_model"),
    Artifact(f"{paths.MODEL}/model.safetensors", "a model of your labels", "train_model", OF_MODEL),
    Artifact(f"{paths.MODEL}/config.json", "what a model needs to be used", "train_model", OF_MODEL),
    Artifact(f"{paths.MODEL}/estimate.json", "accuracy, estimated", "estimate_model", ("describe_model",)),
    Artifact(f"{paths.MODEL}/audit.json", "accuracy, measured", "audit_model", ("describe_model",)),
    Artifact(f"{paths.MODEL}/test.json", "accuracy on test images", "estimate_model", ("describe_model",)),
    Artifact(
        f"{paths.MODEL}/{paths.POOL_PREDICTIONS}", "classes of the pool", "estimate_model", ("audit_model",)
    ),
    Artifact(f"{paths.MODEL}/next_to_label.csv", "images to label next", "estimate_model"),
    Artifact(f"{paths.MODEL}/model.onnx", "a model for ONNX", "export_model"),
    Artifact(f"{paths.MODEL}/model.pt2", "a model for torch.export", "export_model"),
    Artifact(f"{paths.MODEL}/README.md", "the card of a model", "describe_model"),
    Artifact(
        f"{paths.SCORES}.parquet",
        "one row per score",
        "collect_scores",
        ("make_table", "plot_budgets", "plot_bars", "write_report"),
    ),
    Artifact(f"{paths.SELECTORS}.csv", "selectors side by side", "compare_selectors", ("write_report",)),
    Artifact(f"{paths.TABLE}-comparison.csv", "rows compared", "make_table", ("write_report",)),
    Artifact(f"{paths.TABLE}.csv", "a table, one line per cell", "make_table", ("write_report",)),
    Artifact(f"{paths.TABLE}.md", "a table to read", "make_table"),
    Artifact(f"{paths.TABLE}.tex", "a table for LaTeX", "make_table"),
    Artifact(paths.PICTURES, "small pictures for the report", "picture_images", ("write_report",)),
    Artifact(paths.PAGE, "the report", "write_report"),
)


def find(path: Path) -> Found | None:
    """Return the kind of a file by its place; None for one that the workflow does not make."""
    whole = path.absolute().as_posix()
    for artifact in ARTIFACTS:
        if match := re.fullmatch(rf"(?P<root_of_results>.*/){path_regex(artifact.pattern)}", whole):
            names = match.groupdict()
            return Found(artifact, names, Path(names.pop("root_of_results")))
    return None


def dependents(found: Found) -> Iterator[Path]:
    """Yield the files that are there and were made from this one, or from its like of the same names."""
    for artifact in ARTIFACTS:
        if artifact.rule in found.artifact.used_by:
            below = artifact.pattern.removeprefix(f"{paths.RESULTS}/")
            yield from sorted(found.root.glob(re.sub(r"\{(\w+)\}", lambda name: _filled(name, found), below)))


def _filled(name: re.Match, found: Found) -> str:
    return found.names.get(name[1], "*")
