"""The settled configuration as an object: the run, and what the names in it mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from fact.infra.fields import Settings

SEGMENTATION = "segmentation"
# tuners whose result is the backbone itself, with other weights
MERGED_TUNERS = ("full", "lora")
# stands for a recipe where the backbone is not trained
FROZEN = "frozen"

Entry = Settings
Entries = Mapping[str, Entry]


@dataclass(frozen=True)
class Task:
    """The methods of a task (classification or segmentation), and what they are made of."""

    methods: Entries
    probes: Entries
    recipes: Entries
    heads: Entries


@dataclass(frozen=True)
class Config:
    """The configuration after it was checked; each field is the key of this name, see ``config/``."""

    run: Entry
    datasets: Entries
    backbones: Entries
    selectors: Entries
    training: Entry
    recipes: Entries
    probes: Entries
    methods: Entries
    tables: Entries
    calibrations: Entries = field(default_factory=dict)
    propagations: Entries = field(default_factory=dict)
    heads: Entries = field(default_factory=dict)
    rows: Entries = field(default_factory=dict)
    segmentation: Entry = field(default_factory=dict)
    model: Entry = field(default_factory=dict)

    @classmethod
    def from_plain(cls, settled: Mapping[str, Entry]) -> "Config":
        """Read what :func:`fact.config.settle.settle` returns, or the part of it that a run uses."""
        return cls(**{key.name: settled[key.name] for key in fields(cls) if key.name in settled})

    def entries(self, registry: str) -> Entries:
        """Return a registry by its key."""
        return getattr(self, registry)

    def segments(self, dataset: str) -> bool:
        """Return whether the pixels of a dataset's images have classes, rather than the images."""
        return self.datasets[dataset].get("task") == SEGMENTATION

    def task(self, dataset: str) -> Task:
        """Return the methods of a dataset's task."""
        if self.segments(dataset):
            return Task(**{key.name: self.segmentation[key.name] for key in fields(Task)})
        return Task(self.methods, self.probes, self.recipes, heads=self.heads)

    def method(self, dataset: str, name: str) -> Entry:
        """Return what a method means for a dataset's task."""
        methods = self.segmentation["methods"] if self.segments(dataset) else self.methods
        return methods[name]
