"""What a table shows: its rows and its columns, as pure functions of the configuration."""

from itertools import product
from typing import NamedTuple


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


# what a table may say beside its title; null or left out means what follows from `run` and the datasets
OPEN = ("datasets", "backbones", "budgets", "selectors", "methods", "rows", "steps", "reference")


def registry(config: dict, dataset: str) -> dict:
    """Where the methods, probes, recipes and heads of a dataset's task are declared."""
    task = config["datasets"][dataset].get("task")
    return config["segmentation"] if task == "segmentation" else config


def whole_table(config: dict, table: str) -> str:
    """The table itself, or that which a dataset's name stands for a part of."""
    if table in config["tables"]:
        return table
    return "table1" if registry(config, table) is config else "table7"


def declared_table(config: dict, table: str) -> dict:
    """A table's entry with every key; a dataset's name stands for its part of table1, or of table7."""
    declared = config["tables"][whole_table(config, table)]
    if table not in config["tables"]:
        declared = {**declared, "datasets": [table], "backbones": None, "budgets": None}
    defaults = {"kind": "accuracy", "backbones_in": "columns", "trained_share": False, "figure": "budgets"}
    return {**dict.fromkeys(OPEN), **defaults, **declared}


def of_segmentation(config: dict, table: str) -> bool:
    """Whether a table, or a dataset's part of one, is of classes of pixels."""
    return declared_table(config, table)["kind"] == "segmentation"


def table_rows(config: dict, table: str) -> list[Row]:
    """The rows of a table: those that it names, or selectors × methods."""
    declared, run = declared_table(config, table), config["run"]
    if declared["steps"]:
        labels = dict.fromkeys(label for step in declared["steps"] for label in step)
        return [_named(config, label) for label in labels]
    asked = declared["rows"] or (None if declared["selectors"] or declared["methods"] else run.get("rows"))
    if asked:
        return [_named(config, label) for label in asked]
    pairs = product(declared["selectors"] or run["selectors"], declared["methods"] or run["methods"])
    return [
        Row(f"{selector} {method}", selector, method, False, is_oracle(config, selector))
        for selector, method in pairs
    ]


def is_labelled(config: dict, table: str) -> bool:
    """Whether the rows have labels of their own, rather than those of a selector and a method."""
    declared = declared_table(config, table)
    own = declared["selectors"] or declared["methods"]
    return bool(declared["steps"] or declared["rows"] or (not own and config["run"].get("rows")))


def table_columns(config: dict, table: str) -> list[Column]:
    """The columns of a table: its datasets, or the run's, with their backbones and budgets, or its own."""
    declared = declared_table(config, table)
    return [
        Column(dataset, backbone, budget)
        for dataset in declared["datasets"] or config["run"]["datasets"]
        for backbone in declared["backbones"] or config["datasets"][dataset]["backbones"]
        for budget in (declared["budgets"] or {}).get(dataset) or config["datasets"][dataset]["budgets"]
    ]


def table_datasets(config: dict, table: str) -> list[str]:
    """The datasets of a table's columns, each once."""
    return list(dict.fromkeys(column.dataset for column in table_columns(config, table)))


def runs_on(config: dict, method: str, dataset: str, backbone: str) -> bool:
    """Whether the dataset's task has a method, and its tuner is among those that the backbone declares."""
    declared = registry(config, dataset)
    if method not in declared["methods"]:
        return False
    recipe = declared["methods"][method].get("recipe")
    tuners = config["backbones"][backbone].get("tuners")
    return recipe is None or tuners is None or declared["recipes"][recipe]["tuner"] in tuners


def not_applicable(config: dict, table: str) -> list[list[str]]:
    """Pairs [backbone, method] of a table that cannot be; they are left out."""
    # all datasets of a table have one task
    datasets = {column.backbone: column.dataset for column in table_columns(config, table)}
    methods = dict.fromkeys(row.method for row in table_rows(config, table))
    return [
        [backbone, method]
        for (backbone, dataset), method in product(datasets.items(), methods)
        if not runs_on(config, method, dataset, backbone)
    ]


def is_oracle(config: dict, selector: str) -> bool:
    """Whether a selector, or what it stands on, is told more labels than the budget buys."""
    declared = config["selectors"][selector]
    if declared["params"].get("mode") == "pool_oracle":
        return True
    return "first" in declared and is_oracle(config, declared["first"]["selector"])


def table_spec(config: dict, table: str) -> dict:
    """Return all that decides how a table is made from scores, in plain types."""
    declared = declared_table(config, table)
    return {
        **{key: declared[key] for key in ("title", "kind", "backbones_in", "trained_share", "figure")},
        # a dataset has what any table of the paper says of it
        "published_as": table if table in config["tables"] else None,
        "labelled": is_labelled(config, table),
        "rows": [row._asdict() for row in table_rows(config, table)],
        "columns": [list(column) for column in table_columns(config, table)],
        "steps": declared["steps"] or [],
        "reference": declared["reference"],
        "not_applicable": not_applicable(config, table),
    }


def _named(config: dict, label: str) -> Row:
    row = config["rows"][label]
    return Row(
        label, row["selector"], row["method"], row.get("beyond", False), is_oracle(config, row["selector"])
    )
