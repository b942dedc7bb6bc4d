"""How large datasets and backbones are, before any of them is here."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from fact.commands.planning.backbone_row import BackboneRow, stored_row
from fact.config.budget import budget_size
from fact.config.declared import Config
from fact.config.paths import DATASET
from fact.config.segmentation import maps_settings
from fact.config.settings import pool_images
from fact.data.classes import read_classes
from fact.data.contract import expected_counts, load_source
from fact.data.manifest import Counts, read_manifest
from fact.infra.errors import ConfigError
from fact.infra.fields import Settings

if TYPE_CHECKING:
    from fact.commands.planning.parameters import RecipeRow
    from fact.commands.planning.segmenters import SegmenterSize

LIMITS = ("pool_limit", "test_limit")


class Sizes:
    """Sizes of what a configuration names, each found once.

    Torch is imported where a model has to be built, and not before: the rules ask for sizes, too.
    """

    def __init__(self, config: Config, results: Path) -> None:
        self.config, self.results = config, results
        self._counts: dict[str, Counts] = {}
        self._backbones: dict[str, BackboneRow] = {}
        self._recipes: dict[tuple, RecipeRow] = {}
        self._segmenters: dict[tuple, SegmenterSize] = {}
        self._tuned: dict[tuple, int] = {}

    def counts(self, dataset: str) -> Counts:
        """Return classes and images: those of its manifest, else the published ones under its options.

        Raises ConfigError where there is neither.
        """
        if dataset not in self._counts:
            self._counts[dataset] = self._indexed(dataset) or self._published(dataset)
        return self._counts[dataset]

    def labelled(self, names: Mapping[str, str]) -> int:
        """Return the number of labelled images of a cell."""
        return budget_size(names["budget"], self.counts(names["dataset"]).pool)

    def refined_pool(self, names: Mapping[str, str]) -> int:
        """Return the number of pool images that phase 3 looks at in a cell."""
        pool, limit = self.counts(names["dataset"]).pool, pool_images(self.config)
        return pool if limit is None else min(pool, limit + self.labelled(names))

    def backbone(self, name: str) -> BackboneRow:
        """Return parameters, pooled vector and tokens of a backbone."""
        if name not in self._backbones:
            declared = self.config.backbones[name]
            self._backbones[name] = stored_row(name, declared) or _built_row(name, declared)
        return self._backbones[name]

    def trained(self, backbone: str, recipe: str, classes: int) -> "RecipeRow":
        """Return what a recipe trains of a backbone, and so stores."""
        from fact.commands.planning.parameters import recipe_rows

        key = (backbone, recipe, classes)
        if key not in self._recipes:
            declared = self.config.backbones[backbone]
            asked = {recipe: self.config.recipes[recipe]}
            (self._recipes[key],) = recipe_rows(backbone, declared, asked, num_classes=classes)
        return self._recipes[key]

    def segmenter(self, dataset: str, backbone: str) -> "SegmenterSize":
        """Return a backbone and a head for the pixels of a dataset, on its crops."""
        from fact.commands.planning.segmenters import segmenter_size

        key = (dataset, backbone)
        if key not in self._segmenters:
            settings, classes = maps_settings(self.config, dataset), self.counts(dataset).classes
            decoder, crop = settings["decoder"], settings["maps"]["crop_size"]
            declared = self.config.backbones[backbone]
            self._segmenters[key] = segmenter_size(backbone, declared, classes, decoder=decoder, crop=crop)
        return self._segmenters[key]

    def tuned(self, dataset: str, backbone: str, recipe: str) -> int:
        """Return parameters that a recipe of segmentation trains, and so stores."""
        from fact.commands.planning.segmenters import tuned_parameters

        key = (dataset, backbone, recipe)
        if key not in self._tuned:
            declared, classes = self.config.backbones[backbone], self.counts(dataset).classes
            decoder = maps_settings(self.config, dataset)["decoder"]
            asked = self.config.segmentation["recipes"][recipe]
            self._tuned[key] = tuned_parameters(backbone, declared, classes, decoder=decoder, recipe=asked)
        return self._tuned[key]

    def cost(self, backbone: str) -> float:
        """Return parameters times tokens, what an image costs but for a constant: to compare backbones."""
        row = self.backbone(backbone)
        height, width, _ = row.tokens or (1, 1, 1)
        return float(row.parameters * height * width)

    def _indexed(self, dataset: str) -> Counts | None:
        folder = self.results / "datasets" / dataset
        if not (folder / "manifest.parquet").is_file():
            return None
        splits = read_manifest(folder / "manifest.parquet")["split"].value_counts()
        classes = len(read_classes(folder / "classes.json"))
        return Counts(classes, int(splits.get("pool", 0)), int(splits.get("test", 0)))

    def _published(self, dataset: str) -> Counts:
        declared = self.config.datasets[dataset]
        result = expected_counts(load_source(declared["source"]), declared["options"])
        if result is None:
            raise ConfigError(
                f"nobody knows how many images {dataset} has; index it first: "
                f"snakemake {DATASET.format(dataset=dataset)}/manifest.parquet"
            )
        limits = [declared["options"].get(name) for name in LIMITS]
        return Counts(
            result.classes, *(min(n, limit or n) for n, limit in zip(result[1:], limits, strict=True))
        )


def _built_row(name: str, declared: Settings) -> BackboneRow:
    from fact.commands.planning.parameters import backbone_row

    return backbone_row(name, declared)
