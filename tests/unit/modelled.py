"""Projects whose model is written here: what its rules would have left, from labels and numbers given."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from fact.config.paths import POOL_PREDICTIONS, VALIDATION
from fact.data.labels_file import write_labels
from fact.data.manifest import read_manifest
from fact.data.selection_file import write_selection
from fact.infra.files.record import publish_record
from fact.model.assessment import Validated, choose_recipe, class_rows
from fact.model.audit import NO_AUDIT
from fact.model.config_file import FORMAT, VERSION
from fact.model.label_errors import label_issues, write_label_issues
from fact.model.pool_predictions import write_pool_predictions
from fact.model.predict_pool import least_sure
from fact.model.validation import save_validation
from fact.project.folder import Project
from projects import selected

FOLDS = 4
ESTIMATE = {"accuracy": 0.5, "low": 0.25, "high": 0.75, "by_class": 0.5, "by_image": 0.5, "shift": None}


def modelled(
    folder: Path, images: Path, labels: dict[str, str], *, right: float = 0.6, seed: int = 0
) -> Project:
    """A project of these labels, whose held-out predictions are right that often; the rest is unlabelled."""
    project, draw = selected(folder, images, list(labels)), np.random.default_rng(seed)
    write_labels(project.labels, labels)
    classes = sorted(set(labels.values()))
    manifest = read_manifest(project.index / "manifest.parquet")
    rows = manifest[manifest["split"] == "pool"].set_index("sample_id", drop=False)
    _write_assessment(project, rows.loc[list(labels)], classes, list(labels.values()), draw, right)
    others = rows[~rows["sample_id"].isin(labels)]
    likely = draw.dirichlet(np.full(len(classes), 0.3), len(others))
    write_pool_predictions(project.model / POOL_PREDICTIONS, list(others["sample_id"]), likely, classes)
    if len(others):
        chosen, scores = least_sure(likely, 50)
        write_selection(project.model / "next_to_label.csv", others.iloc[chosen], scores)
    _write_records(project, classes, len(labels), unlabelled=len(others))
    return project


def _write_assessment(
    project: Project,
    rows: object,
    classes: Sequence[str],
    named: Sequence[str],
    draw: np.random.Generator,
    right: float,
) -> None:
    """Write validations in two shares, ``assessment.json`` and ``label_errors.csv``."""
    labels = np.array([classes.index(name) for name in named])
    logits = draw.normal(0, 1, (len(labels), len(classes))).astype(np.float32)
    aimed = np.where(draw.random(len(labels)) < right, labels, draw.integers(len(classes), size=len(labels)))
    logits[np.arange(len(labels)), aimed] += 4
    fold = np.arange(len(labels)) % FOLDS
    for share in (0, 1):
        own = np.where((fold % 2 == share)[:, None], logits, np.nan).astype(np.float32)
        place = {"dataset": project.cell.dataset, "backbone": project.cell.backbone}
        path = project.folder / VALIDATION.format(candidate="frozen", share=share, **place)
        path.parent.mkdir(parents=True, exist_ok=True)
        metadata = {"sample_ids": list(rows["sample_id"]), "classes": list(classes)}
        save_validation(path, {"plain": own}, fold, metadata)
    validated = Validated({"frozen": logits}, fold, labels, classes)
    choice = choose_recipe(validated, 0)
    record = {
        "recipe": "frozen",
        "pool": False,
        "skipped": {},
        "recipes": choice.scores,
        "temperature": choice.temperature,
        "measured": {"held_out": len(labels), "folds": FOLDS, "groups": None, "per_one": 1.0},
        "classes": class_rows(validated, choice),
        "gains": [{"labels": len(labels), "accuracy": 0.07, "low": 0.01, "high": 0.1}],
        "cautions": [f"Fewer than 5 labels for {classes[0]}: accuracy by class says little there."],
    }
    publish_record(project.model / "assessment.json", record)
    issues = label_issues(choice.probabilities(validated), labels)
    write_label_issues(project.model / "label_errors.csv", issues, rows, classes)


def _write_records(project: Project, classes: Sequence[str], labelled: int, unlabelled: int) -> None:
    """Write what the model is and how good, as records; no weights."""
    preprocessing = {"image_size": 8, "transform": "crop", "interpolation": "bicubic"}
    config = {
        "format": FORMAT,
        "version": VERSION,
        "classes": list(classes),
        "labelled": labelled,
        "architecture": "vit",
        "source": "vit",
        "recipe": "frozen",
        "head": "pooled",
        "pool_images": 0,
        "license": None,
        "tuner": None,
        "temperature": 1.0,
        "preprocessing": preprocessing | {"mean": [0], "std": [1]},
        "weights_sha256": "0" * 64,
    }
    publish_record(project.model / "config.json", config)
    publish_record(project.model / "estimate.json", {**ESTIMATE, "level": 0.9, "unlabelled": unlabelled})
    publish_record(project.model / "audit.json", NO_AUDIT)
    publish_record(project.model / "test.json", {"images": 0, "accuracy": None, "of_learnt_groups": 0})
    publish_record(project.model / "exports.json", {"onnx": {"1": 0.0}, "timm": "backbone"})
    (project.model / "model.safetensors").write_bytes(b"")
