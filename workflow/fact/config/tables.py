"""What a table shows: its rows and its columns, as pure functions of the configuration."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import product
from typing import NamedTuple

from fact.config.declared import SEGMENTATION, Config
from fact.infra.fields import Settings


class Row(NamedTuple):
    """One row of a table: how images are chosen and what is trained on them."""

    # as it is printed, unique within its table
    label: str
    selector: str
    method: str
    # not a row of the paper
    beyond: bool
    # used labels beyond the budget
    oracle: bool


class Column(NamedTuple):
    """Where a row is measured."""

    dataset: str
    backbone: str
    budget: str


# by kind of table, each metric as it is printed, and its key in score.json
METRICS: Mapping[str, Mapping[str, str]] = {
    "accuracy": {"top1": "top1_last"},
    "minutes": {"minutes": "top1_last"},
    "gains": {"top1_gain": "top1_last"},
    SEGMENTATION: {"mIoU": "miou_last", "mAcc": "macc_last", "aAcc": "aacc_last"},
}
# kinds whose rows are ranked and compared with one of them
COMPARED = ("accuracy", SEGMENTATION)
# what a table may say beside its title; null or left out means what follows from `run` and the datasets
OPTIONAL = ("datasets", "backbones", "budgets", "selectors", "methods", "rows", "steps", "reference")
DEFAULTS = {"kind": "accuracy", "backbones_in": "columns", "trained_share": False, "figure": "budgets"}


@dataclass(frozen=True)
class TableSpec:
    """All that decides how a table is made from scores.

    ``labelled``: the rows have labels of their own, rather than those of a selector and a method.
    ``steps``: pairs of labels whose difference is shown. ``not_applicable``: pairs (backbone, method) that
    cannot be. ``published_as``: the paper's table to compare with; None: every one.
    """

    title: str
    kind: str
    backbones_in: str
    trained_share: bool
    figure: str
    published_as: str | None
    labelled: bool
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    steps: tuple[tuple[str, str], ...]
    reference: str | None
    not_applicable: tuple[tuple[str, str], ...]

    @classmethod
    def from_plain(cls, plain: Settings) -> "TableSpec":
        """Read what :meth:`plain` gave, from JSON."""
        lists = {
            "rows": tuple(Row(**row) for row in plain["rows"]),
            "columns": tuple(Column(*column) for column in plain["columns"]),
            "steps": tuple((one, other) for one, other in plain["steps"]),
            "not_applicable": tuple((backbone, method) for backbone, method in plain["not_applicable"]),
        }
        return cls(**{**plain, **lists})

    def plain(self) -> Settings:
        """Return the table's parameters of a job, in types that JSON has."""
        return {**asdict(self), "rows": [row._asdict() for row in self.rows]}

    @property
    def metrics(self) -> Mapping[str, str]:
        """The metrics of the table as printed, with their keys in score.json."""
        return METRICS[self.kind]

    @property
    def headline(self) -> str:
        """The metric that rows are compared by and figures show, as printed."""
        return next(iter(self.metrics))


def whole_table(config: Config, table: str) -> str:
    """Return the table itself, or that which a dataset's name stands for a part of."""
    if table in config.tables:
        return table
    return "table7" if config.segments(table) else "table1"


def declared_table(config: Config, table: str) -> Settings:
    """Return a table's entry with every key; a dataset's name stands for its part of table1 or table7."""
    declared = config.tables[whole_table(config, table)]
    if table not in config.tables:
        declared = {**declared, "datasets": [table], "backbones": None, "budgets": None}
    return {**dict.fromkeys(OPTIONAL), **DEFAULTS, **declared}


def of_segmentation(config: Config, table: str) -> bool:
    """Return whether a table, or a dataset's part of one, is of classes of pixels."""
    return declared_table(config, table)["kind"] == SEGMENTATION


def is_compared(config: Config, table: str) -> bool:
    """Return whether a table's rows are ranked and compared with one of them."""
    return declared_table(config, table)["kind"] in COMPARED


def table_rows(config: Config, table: str) -> list[Row]:
    """Return the rows of a table: those that it names, or selectors × methods."""
    declared, run = declared_table(config, table), config.run
    if declared["steps"]:
        labels = dict.fromkeys(label for step in declared["steps"] for label in step)
        return [_named(config, label) for label in labels]
    asked = declared["rows"] or (None if declared["selectors"] or declared["methods"] else run.get("rows"))
    if asked:
        return [_named(config, label) for label in asked]
    pairs = product(declared["selectors"] or run["selectors"], declared["methods"] or run["methods"])
    return [
        Row(f"{selector} {method}", selector, method, beyond=False, oracle=is_oracle(config, selector))
        for selector, method in pairs
    ]


def is_labelled(config: Config, table: str) -> bool:
    """Return whether the rows have labels of their own, rather than those of a selector and a method."""
    declared = declared_table(config, table)
    own = declared["selectors"] or declared["methods"]
    return bool(declared["steps"] or declared["rows"] or (not own and config.run.get("rows")))


def table_columns(config: Config, table: str) -> list[Column]:
    """Return the columns of a table: its datasets, or the run's, with their backbones and budgets."""
    declared = declared_table(config, table)
    return [
        Column(dataset, backbone, budget)
        for dataset in declared["datasets"] or config.run["datasets"]
        for backbone in declared["backbones"] or config.datasets[dataset]["backbones"]
        for budget in (declared["budgets"] or {}).get(dataset) or config.datasets[dataset]["budgets"]
    ]


def table_datasets(config: Config, table: str) -> list[str]:
    """Return the datasets of a table's columns, each once."""
    return list(dict.fromkeys(column.dataset for column in table_columns(config, table)))


def runs_on(config: Config, method: str, dataset: str, backbone: str) -> bool:
    """Return whether the dataset's task has a method, and the backbone declares its tuner."""
    task = config.task(dataset)
    if method not in task.methods:
        return False
    recipe = task.methods[method].get("recipe")
    tuners = config.backbones[backbone].get("tuners")
    return recipe is None or tuners is None or task.recipes[recipe]["tuner"] in tuners


def not_applicable(config: Config, table: str) -> list[tuple[str, str]]:
    """Return pairs (backbone, method) of a table that cannot be; they are left out."""
    # all datasets of a table have one task
    datasets = {column.backbone: column.dataset for column in table_columns(config, table)}
    methods = dict.fromkeys(row.method for row in table_rows(config, table))
    return [
        (backbone, method)
        for (backbone, dataset), method in product(datasets.items(), methods)
        if not runs_on(config, method, dataset, backbone=backbone)
    ]


def is_oracle(config: Config, selector: str) -> bool:
    """Return whether a selector, or its first step, is given more labels than the budget allows."""
    declared = config.selectors[selector]
    if declared["params"].get("mode") == "pool_oracle":
        return True
    return "first" in declared and is_oracle(config, declared["first"]["selector"])


def oracles(config: Config) -> list[str]:
    """Return the selectors that are given more labels than the budget allows, by name."""
    return sorted(name for name in config.selectors if is_oracle(config, name))


def table_spec(config: Config, table: str) -> TableSpec:
    """Return all that decides how a table is made from scores."""
    declared = declared_table(config, table)
    return TableSpec(
        **{key: declared[key] for key in ("title", *DEFAULTS, "reference")},
        # a dataset has what any table of the paper says of it
        published_as=table if table in config.tables else None,
        labelled=is_labelled(config, table),
        rows=tuple(table_rows(config, table)),
        columns=tuple(table_columns(config, table)),
        steps=tuple(tuple(step) for step in declared["steps"] or ()),
        not_applicable=tuple(not_applicable(config, table)),
    )


def table_settings(config: Config, table: str) -> Settings:
    """Return the specification of a table as the parameters of a job."""
    return table_spec(config, table).plain()


def _named(config: Config, label: str) -> Row:
    row = config.rows[label]
    beyond, oracle = row.get("beyond", False), is_oracle(config, row["selector"])
    return Row(label, row["selector"], row["method"], beyond=beyond, oracle=oracle)
