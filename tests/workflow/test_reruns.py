"""After a change exactly the rules that it concerns run again: no more, no less."""

import os
import shutil
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from checkout import TINY, planned, runner
from fact.config.registries import merge
from reordered import backwards

TABLES = {"collect_scores", "make_table", "plot_budgets", "all_tables"}
HEADS = {"fit_head"} | TABLES
POOL = {"propagate_labels"} | HEADS
TUNING = {"tune_backbone", "refine_features", "refine_pool"} | POOL
PROBES = {"train_probe"} | TUNING
SELECTION = {"select_samples"} | PROBES
FEATURES = {"extract_features"} | SELECTION
WEIGHTS = {"get_weights", "decode_test"} | FEATURES
CELL = "results/runs/digits/vit_digits/activeft/20img/seed0"


class Bench:
    """A finished checkout in which changes are made and undone."""

    def __init__(self, checkout: Path) -> None:
        self.checkout = checkout
        self.undo: list[Callable[[], object]] = []

    def replace(self, name: str, old: str, new: str) -> None:
        """Edit a source file; ``old`` must be there once."""
        path = self.keep(name)
        text = path.read_text("utf-8")
        assert text.count(old) == 1, f"{name} has {text.count(old)} times {old!r}"
        path.write_text(text.replace(old, new), "utf-8")

    def config(self, **changes: object) -> None:
        """Merge changes into tiny.yaml."""
        path = self.keep("tiny.yaml")
        merged = yaml.safe_load(TINY)
        for key, value in changes.items():
            merged[key] = merge(merged.get(key, {}), value)
        path.write_text(yaml.safe_dump(merged))

    def delete(self, name: str) -> None:
        self.keep(name).unlink()

    def set_aside(self, name: str) -> None:
        """Take a folder away."""
        path, aside = self.checkout / name, self.checkout.parent / f"{self.checkout.name}-aside"
        path.rename(aside)
        self.undo.append(lambda: (shutil.rmtree(path, ignore_errors=True), aside.rename(path)))

    def touch(self, pattern: str) -> None:
        """Give files that match a newer time."""
        paths = [path for path in self.checkout.glob(pattern) if path.is_file()]
        assert paths, pattern
        for path in paths:
            self.keep(str(path.relative_to(self.checkout)))
            path.touch()

    def keep(self, name: str) -> Path:
        path = self.checkout / name
        content, times = path.read_bytes(), (path.stat().st_atime_ns, path.stat().st_mtime_ns)
        self.undo.append(lambda: (path.write_bytes(content), os.utime(path, ns=times)))
        return path

    def restore(self) -> None:
        while self.undo:
            self.undo.pop()()


class Change(NamedTuple):
    """What is changed, which rules must run, and words that must not occur in the plan."""

    make: Callable[[Bench], object]
    rules: set[str]
    without: tuple[str, ...] = ()


def add_statement(name: str) -> Callable[[Bench], object]:
    """Something that could change a number, at the end of a module."""

    def make(bench: Bench) -> None:
        path = bench.keep(name)
        path.write_text(path.read_text("utf-8") + "\n_ADDED = 1\n", "utf-8")

    return make


def edit_and_revert(bench: Bench) -> None:
    path = bench.keep("workflow/fact/selection/selectors/activeft.py")
    text = path.read_text("utf-8")
    path.write_text(text + "\nX = 1\n", "utf-8")
    path.write_text(text, "utf-8")


def flip_a_weight(bench: Bench) -> None:
    path = bench.keep("workflow/weights/vit_digits.safetensors")
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def reorder_keys(bench: Bench) -> None:
    path = bench.keep("tiny.yaml")
    path.write_text(yaml.safe_dump(backwards(yaml.safe_load(TINY)), sort_keys=False))


def correct_a_label(bench: Bench) -> None:
    path = bench.keep("labels.csv")
    header, first, rest = path.read_text("utf-8").split("\n", 2)
    name, _, label = first.partition(",")
    path.write_text(f"{header}\n{name},{'7' if label != '7' else '1'}\n{rest}", "utf-8")


def write_labels_again(bench: Bench) -> None:
    path = bench.keep("labels.csv")
    path.write_text(path.read_text("utf-8"), "utf-8")


def upgrade(distribution: str, part: int) -> Callable[[Bench], object]:
    """Let a later release of a library be installed: its major, minor or patch number (0, 1, 2) is higher."""

    def make(bench: Bench) -> None:
        numbers = [int(number) for number in version(distribution).partition("+")[0].split(".")]
        later = ".".join(map(str, [*numbers[:part], numbers[part] + 1]))
        # beside the library, which Python looks at before the environment's packages
        folder = bench.checkout / f"workflow/{distribution}-{later}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {later}\n")
        bench.undo.append(lambda: shutil.rmtree(folder))

    return make


METHODS = yaml.safe_load(TINY)["run"]["methods"]
FACT = "workflow/fact"
CHANGES = {
    "nothing": Change(lambda bench: None, set()),
    # code
    "edit a selector": Change(
        add_statement(f"{FACT}/selection/selectors/activeft.py"), SELECTION, ("selector=random",)
    ),
    "edit the attention head": Change(add_statement(f"{FACT}/training/heads/attention.py"), HEADS),
    "edit the propagation of labels": Change(
        add_statement(f"{FACT}/training/propagation/graph.py"), POOL, ("head=map,",)
    ),
    "edit FroFA": Change(add_statement(f"{FACT}/training/frofa/views.py"), HEADS),
    "edit an augmentation": Change(
        add_statement(f"{FACT}/training/frofa/ops/brightness.py"), HEADS, ("nofrofa,",)
    ),
    "edit an augmentation that no head uses": Change(
        add_statement(f"{FACT}/training/frofa/ops/rotate.py"), set()
    ),
    "edit logistic regression": Change(
        add_statement(f"{FACT}/training/heads/logistic.py"), PROBES, ("probe=sgd", "recipe=ff")
    ),
    "edit the training loop": Change(
        add_statement(f"{FACT}/training/loop.py"), PROBES, ("probe=lbfgs", "probe=soft")
    ),
    "edit LoRA": Change(
        add_statement(f"{FACT}/training/tuners/lora.py"), TUNING, ("recipe=ff", "recipe=lp-ft")
    ),
    "edit how features are extracted": Change(add_statement(f"{FACT}/features/dump.py"), FEATURES),
    "edit how features are read": Change(add_statement(f"{FACT}/features/store.py"), SELECTION),
    "edit the tables": Change(
        add_statement(f"{FACT}/report/tables/printed.py"), {"make_table", "all_tables"}
    ),
    "edit a script": Change(add_statement("workflow/scripts/fit_head.py"), HEADS),
    "edit infrastructure": Change(add_statement(f"{FACT}/infra/process/progress.py"), set()),
    "edit a comment": Change(
        lambda bench: bench.replace(f"{FACT}/training/loop.py", "# dropout and", "# Dropout and"), set()
    ),
    "edit a docstring": Change(
        lambda bench: bench.replace(
            f"{FACT}/training/frofa/__init__.py", '"""FroFA: augment', '"""FroFA, which is: augment'
        ),
        set(),
    ),
    "revert an edit": Change(edit_and_revert, set()),
    # configuration
    "change a head's C grid": Change(
        lambda bench: bench.config(heads={"map": {"C_grid": [1.0, 10.0]}}), HEADS, ("head=auto", "nofrofa,")
    ),
    "add a seed": Change(lambda bench: bench.config(run={"seeds": [0, 1]}), SELECTION, ("seed=0",)),
    "add a budget": Change(
        lambda bench: bench.config(datasets={"digits": {"budgets": ["20img", "25img"]}}),
        SELECTION,
        ("budget=20img",),
    ),
    "change an epoch number": Change(
        lambda bench: bench.config(recipes={"lp-ft": {"epochs": 5}}), TUNING, ("recipe=ff", "recipe=lp-lora")
    ),
    "change a selector's parameter": Change(
        lambda bench: bench.config(selectors={"activeft": {"params": {"iterations": 21}}}),
        SELECTION,
        ("selector=random",),
    ),
    "add a method": Change(
        lambda bench: bench.config(
            methods={"mine": {"recipe": "lp-ft", "head": "lr-paper"}},
            run={"seeds": [0], "methods": [*METHODS, "mine"]},
        ),
        HEADS,
        ("head=map,", "head=auto"),
    ),
    "add a selector": Change(
        lambda bench: bench.config(
            selectors={"short": {"module": "activeft", "params": {"iterations": 3}}},
            run={"seeds": [0], "selectors": ["activeft", "random", "short"]},
        ),
        SELECTION,
        ("selector=random", "selector=activeft"),
    ),
    "reorder the keys": Change(reorder_keys, set()),
    "change how often training is saved": Change(
        lambda bench: bench.config(run={"seeds": [0], "resume_minutes": 3}), set()
    ),
    # libraries
    "upgrade torch by a minor release": Change(upgrade("torch", 1), WEIGHTS),
    "upgrade torch by a patch release": Change(upgrade("torch", 2), set()),
    "upgrade PEFT by a minor release": Change(upgrade("peft", 1), TUNING, ("recipe=ff", "recipe=lp-ft")),
    "watch torch's patch releases": Change(
        lambda bench: bench.config(run={"seeds": [0], "rerun_on": {"torch": "patch"}}),
        WEIGHTS,
    ),
    # labels
    "correct a label": Change(correct_a_label, PROBES),
    "touch the labels": Change(lambda bench: bench.touch("labels.csv"), set()),
    "import the same labels again": Change(write_labels_again, set()),
    "take labels of the source instead": Change(
        lambda bench: bench.config(datasets={"digits": {"labels": None}}), PROBES
    ),
    # files
    "replace the backbone's weights": Change(flip_a_weight, WEIGHTS),
    "touch the backbone's weights": Change(lambda bench: bench.touch("workflow/weights/*"), set()),
    "touch every script": Change(lambda bench: bench.touch("workflow/scripts/*"), set()),
    "touch features and manifest": Change(lambda bench: bench.touch("results/[df]*/digits/**/*"), set()),
    "touch a checkpoint": Change(lambda bench: bench.touch(f"{CELL}/lp-ft/checkpoint.safetensors"), set()),
    "delete a checkpoint": Change(
        lambda bench: bench.delete(f"{CELL}/lp-ft/checkpoint.safetensors"),
        TUNING,
        ("selector=random", "recipe=ff"),
    ),
    "delete a table": Change(
        lambda bench: bench.delete("results/tables/table1.md"), {"make_table", "all_tables"}
    ),
    "delete .snakemake": Change(lambda bench: bench.set_aside(".snakemake"), set()),
}


# of those that rerun nothing: one takes away what the others would be told by, one writes tiny.yaml anew
ALONE = ("delete .snakemake", "change how often training is saved")
TOGETHER = [name for name, change in CHANGES.items() if not change.rules and name not in ALONE]


@pytest.fixture
def bench(finished: Path) -> Iterator[Bench]:
    bench = Bench(finished)
    yield bench
    bench.restore()


@pytest.mark.parametrize("name", [name for name in CHANGES if name not in TOGETHER])
def test_exactly_the_concerned_rules_run_again(bench: Bench, name: str) -> None:
    change = CHANGES[name]
    change.make(bench)
    plan = plan_of(bench)
    assert planned(plan) == change.rules
    assert not [word for word in change.without if word in plan]


def test_changes_that_concern_nothing_rerun_nothing(bench: Bench) -> None:
    """All of them at once; where something would run, the message names those that cause it alone."""
    for name in TOGETHER:
        CHANGES[name].make(bench)
    again = planned(plan_of(bench))
    bench.restore()
    assert not again, [name for name in TOGETHER if _reruns(bench, name)]


def _reruns(bench: Bench, name: str) -> bool:
    CHANGES[name].make(bench)
    found = planned(plan_of(bench))
    bench.restore()
    return bool(found)


def plan_of(bench: Bench) -> str:
    return runner(bench.checkout)("snakemake", "-n", "--configfile", "tiny.yaml").stdout
