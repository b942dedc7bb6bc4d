"""What the wildcards of rules may be: regular expressions of declared names."""

import re
from collections.abc import Iterable

from fact.config.declared import FROZEN, Config
from fact.config.settings import keeps_refined
from fact.config.tables import of_segmentation

BUDGET = r"[1-9]\d*img|\d+(\.\d+)?pct"


def one_of(names: Iterable[str]) -> str:
    """Return an expression of these names, the longest first; it matches nothing when there are none."""
    return "|".join(sorted(map(re.escape, names), key=len, reverse=True)) or "(?!)"


def wildcards(config: Config) -> dict[str, str]:
    """Return what each wildcard may be where a rule does not narrow it."""
    registries = ("dataset", "backbone", "selector", "recipe", "calibration", "propagation", "head", "probe")
    return {
        **{name: one_of(config.entries(f"{name}s")) for name in registries},
        "table": f"{one_of(config.tables)}|{one_of(config.datasets)}",
        "budget": BUDGET,
        "candidate": f"{FROZEN}|{one_of(config.recipes)}",
        "share": "[0-9]",
        "split": "pool|test",
        "seed": r"\d+",
    }


def fetched_backbones(config: Config) -> str:
    """Return backbones whose weights are fetched."""
    return one_of(name for name, entry in config.backbones.items() if entry["pretrain"] is None)


def pretrained_backbones(config: Config) -> str:
    """Return backbones that are pretrained by the workflow."""
    return one_of(name for name, entry in config.backbones.items() if entry["pretrain"] is not None)


def datasets_of_task(config: Config, *, segments: bool) -> str:
    """Return datasets of segmentation, or of classification."""
    return one_of(name for name in config.datasets if config.segments(name) == segments)


def classified_datasets(config: Config, *, keeping_refined: bool) -> str:
    """Return datasets of classification that keep refined features of their test images, or that do not."""
    return one_of(_keeping(config, keeping_refined, segments=False))


def segmented_datasets(config: Config, *, keeping_refined: bool) -> str:
    """Return datasets of segmentation that keep their maps, or that do not."""
    return one_of(_keeping(config, keeping_refined, segments=True))


def _keeping(config: Config, keeping: bool, *, segments: bool) -> list[str]:
    names = (name for name in config.datasets if config.segments(name) == segments)
    return [name for name in names if keeps_refined(config, name) == keeping]


def tables_of_segmentation(config: Config) -> str:
    """Return tables of segmentation, and datasets for their part of one."""
    return one_of(name for name in (*config.tables, *config.datasets) if of_segmentation(config, name))


def one_step_selectors(config: Config) -> str:
    """Return selectors that look at features alone."""
    return one_of(name for name, entry in config.selectors.items() if "first" not in entry)


def two_step_selectors(config: Config) -> str:
    """Return selectors whose second step looks at a model of the first."""
    return one_of(name for name, entry in config.selectors.items() if "first" in entry)


def calibrations_after_recipes(config: Config, *, after: bool) -> str:
    """Return calibrations that look at what a recipe has refined, or those that look at frozen features."""
    return one_of(name for name, entry in config.calibrations.items() if ("after" in entry) == after)


def segmentation_recipes(config: Config, *, frozen: bool = False) -> str:
    """Return recipes of segmentation, with the frozen backbone where its maps are meant too."""
    return one_of([*([FROZEN] if frozen else []), *config.segmentation["recipes"]])
