import math
import re
from pathlib import Path

import pytest
import yaml
from fact.config.registries import REGISTRIES, with_registries
from fact.config.settle import settle
from fact.infra.errors import ConfigError
from small_config import of
from snakemake.common.configfile import load_configfile
from snakemake.utils import update_config

ROOT = Path(__file__).parents[3]
SCHEMA = ROOT / "workflow/schemas/config.schema.yaml"
OVERLAYS = sorted({path.stem for path in ROOT.glob("config/*.yaml")} - {"config", *REGISTRIES})

SMALL = """
run: {datasets: [digits], selectors: [random], methods: [LP, FF, FACT], seeds: [0], tables: [table1],
  history: last, report: [], frozen_precision: fp32, precision: fp32, batch_size: 8, compile: false,
  store_dtype: float16, resume_minutes: 10, keep_refined: true, pool_images: null, rerun_on: {torch: minor},
  container: fact.sif}
datasets:
  digits: {source: digits, root: null, options: {}, backbones: [vit], budgets: [20img, 0.5pct],
    transform: squash, training: {augmentation: {flip: 0.0}},
    recipes: {ff: {epochs: 3, budgets: {20img: {epochs: 2}}}}}
backbones:
  vit: {model: vit_tiny, weights: null, sha256: null, model_args: {}, image_size: 16, mean: null, std: null,
    interpolation: null, pretrain: null, training: {}}
selectors:
  random: {module: random, params: {}}
calibrations:
  activedc: {module: activedc, params: {alpha: 0.7}}
training: {epochs: 50, learning_rate: 0.01, augmentation: {flip: 0.5}}
recipes:
  ff: {tuner: full, start: random}
  lp-lora: {tuner: lora, start: lbfgs, rank: 8, alpha: 8, dropout: 0.0, targets: null}
probes:
  lbfgs: {kind: lbfgs, C: cv, C_grid: [1.0, 10.0], folds: 5, fallback_C: 1.0}
  sgd: {kind: sgd, training: {epochs: 5}}
heads:
  lr: {kind: lr, pooling: pooled, C: 1.0, folds: 5, fallback_C: 1.0}
methods:
  LP: {probe: sgd}
  FF: {recipe: ff}
  FACT: {recipe: lp-lora}
rows:
  FF: {selector: random, method: FF}
  LP: {selector: random, method: LP}
tables:
  table1: {title: Accuracy, datasets: null, selectors: null, methods: null}
model: {recipes: [lp-lora], head: lr, pool_images: 0, folds: 4, seed: 0, next: 100}
"""


def shipped(*overlays: str) -> dict:
    """config.yaml and overlays as Snakemake reads and merges them, over the registries."""
    config: dict = {}
    for name in ("config", *overlays):
        update_config(config, load_configfile(ROOT / f"config/{name}.yaml"))
    return with_registries(config, ROOT / "config")


def small(overlay: str = "{}") -> dict:
    """A small configuration, with segmentation as it ships, and a user's YAML merged over it."""
    shipped_task = yaml.safe_load((ROOT / "config/segmentation.yaml").read_text("utf-8"))
    config = yaml.safe_load(SMALL) | shipped_task
    update_config(config, yaml.safe_load(overlay))
    return config


def problems(overlay: str) -> list[str]:
    """The lines of the ConfigError that an overlay raises, without the first."""
    with pytest.raises(ConfigError) as caught:
        settle(small(overlay), SCHEMA)
    first, *lines = str(caught.value).splitlines()
    assert first == "the configuration cannot be used:"
    return [line.strip() for line in lines]


def only_problem(overlay: str) -> str:
    (line,) = problems(overlay)
    return line


def dataset(**changes: object) -> str:
    return yaml.safe_dump({"datasets": {"digits": changes}})


def test_shipped_configuration_settles():
    config = settle(shipped(), SCHEMA)
    assert config["run"]["datasets"] == ["digits"] and set(config) == {
        "run",
        "training",
        "probes",
        *REGISTRIES,
    }


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_shipped_overlay_settles(overlay):
    config = settle(shipped(overlay), SCHEMA)
    assert config != settle(shipped(), SCHEMA)


def test_small_configuration_settles_to_itself_and_stays():
    config = small()
    assert settle(config, SCHEMA) == config == small()


@pytest.mark.parametrize(
    ("text", "number"), [("1e-3", 0.001), ("5E+2", 500.0), ("1.e-4", 0.0001), ("2.5e1", 25.0)]
)
def test_exponent_without_dot_is_a_number(text, number):
    settled = settle(small(f"training: {{learning_rate: {text}}}"), SCHEMA)["training"]["learning_rate"]
    assert settled == number and type(settled) is float


def test_exponents_are_found_in_lists():
    grid = settle(small("probes: {lbfgs: {C_grid: [1e-2, 1e2]}}"), SCHEMA)["probes"]["lbfgs"]["C_grid"]
    assert grid == [0.01, 100.0]


@pytest.mark.parametrize("digits", ["1e" + "7" * 62, "12e" + "0" * 61, "0123456789abcdef" * 4])
def test_checksum_of_hex_digits_stays_text(digits):
    settled = settle(small(f"backbones: {{vit: {{sha256: '{digits}'}}}}"), SCHEMA)
    assert settled["backbones"]["vit"]["sha256"] == digits


# keys that are nearly those of the schema
def test_a_key_that_has_another_name_now_names_it():
    line = only_problem("run: {resume_every: 10}")
    assert line.startswith("run.resume_every: 10 cannot be used; it is resume_minutes now")


MEANT = {
    "seed": "seeds",
    "learning_rte": "learning_rate",
    "flop": "flip",
    "epoch": "epochs",
    "c": "C",
    "heads": "head",
}


@pytest.mark.parametrize(
    ("overlay", "key", "value", "known"),
    [
        ("colour: red", "colour", '"red"', "backbones, calibrations"),
        ("run: {seed: 3}", "run.seed", "3", "precision, report, rerun_on, resume_minutes, rows, seeds"),
        ("training: {learning_rte: 1e-3}", "training.learning_rte", "0.001", "learning_rate"),
        ("training: {augmentation: {flop: 0.1}}", "training.augmentation.flop", "0.1", "crop_ratio"),
        ("datasets: {digits: {training: {epoch: 3}}}", "datasets.digits.training.epoch", "3", "epochs"),
        (
            "datasets: {digits: {pool: [a]}}",
            "datasets.digits.pool",
            '["a"]',
            "budgets, calibrations, groups, keep_refined, labels",
        ),
        ("datasets: {digits: {recipes: {ff: {x: 1}}}}", "datasets.digits.recipes.ff.x", "1", "budgets"),
        (
            "datasets: {digits: {recipes: {ff: {budgets: {20img: {x: 1}}}}}}",
            "datasets.digits.recipes.ff.budgets.20img.x",
            "1",
            "epochs",
        ),
        ("probes: {lbfgs: {c: 1}}", "probes.lbfgs.c", "1", "C, C_grid, fallback_C, folds, kind"),
        ("probes: {sgd: {C: 1}}", "probes.sgd.C", "1", "kind, training"),
        ("methods: {FF: {heads: map}}", "methods.FF.heads", '"map"', "head, probe, recipe"),
    ],
)
def test_unknown_key_is_named_with_its_value_and_the_known_ones(overlay, key, value, known):
    line = only_problem(overlay)
    told, names = line.split("known keys are ")
    assert told.startswith(f"{key}: {value} is set, but there is no such key; ") and known in names
    meant = MEANT.get(key.rpartition(".")[2])
    assert ("did you mean" in told) == (meant is not None) and (meant is None or f"'{meant}'?" in told)


@pytest.mark.parametrize(
    ("overlay", "start"),
    [
        ("run: {batch_size: many}", 'run.batch_size: "many" is not a whole number'),
        ("run: {batch_size: 8.5}", "run.batch_size: 8.5 is not a whole number"),
        ("run: {batch_size: yes}", "run.batch_size: true is not a whole number"),
        (
            "run: {seeds: 3}",
            "run.seeds: 3 is not a list such as [a, b]; give a list of whole numbers, e.g. [0, 1, 2]",
        ),
        ("run: {seeds: [0, one]}", 'run.seeds.1: "one" is not a whole number'),
        ("run: {datasets: digits}", 'run.datasets: "digits" is not a list such as [a, b]'),
        ("run: null", "run: null is not a mapping such as {key: value}"),
        ("training: {learning_rate: fast}", 'training.learning_rate: "fast" is not a number'),
        ("training: {freeze_batchnorm: 1}", "training.freeze_batchnorm: 1 is not true or false"),
        ("backbones: {vit: {weights: 3}}", "backbones.vit.weights: 3 is not text or null"),
        ("backbones: {vit: {mean: 0.5}}", "backbones.vit.mean: 0.5 is not a list such as [a, b] or null"),
        (
            "tables: {table1: {methods: LP}}",
            'tables.table1.methods: "LP" is not a list such as [a, b] or null; give a',
        ),
        ("probes: {sgd: {training: 3}}", "probes.sgd.training: 3 is not a mapping"),
    ],
)
def test_wrong_type_names_key_and_value(overlay, start):
    assert only_problem(overlay).startswith(start)


@pytest.mark.parametrize(
    ("overlay", "start"),
    [
        ("run: {batch_size: 0}", "run.batch_size: 0 is less than the minimum of 1"),
        ("run: {seeds: [1, 1]}", "run.seeds: [1, 1] cannot be used; give a list of whole numbers"),
        ("run: {seeds: []}", "run.seeds: [] cannot be used; give a list of whole numbers"),
        ("run: {history: all}", "run.history: 'all' is not one of ['last', 'paper']"),
        ("training: {momentum: 1.0}", "training.momentum: 1.0 is greater than or equal to the maximum of 1"),
        (
            "backbones: {vit: {std: [0.5, 0, 0.5]}}",
            "backbones.vit.std.1: 0 is less than or equal to the minimum of 0",
        ),
        (
            "backbones: {vit: {sha256: abc}}",
            'backbones.vit.sha256: "abc" cannot be used; write the 64 hexadecimal',
        ),
    ],
)
def test_value_out_of_range_names_key_and_value(overlay, start):
    assert only_problem(overlay).startswith(start)


@pytest.mark.parametrize(
    "budget", ["0img", "0pct", "0.0pct", "abc", 50, "50", "-5img", "img", "1.5img", "5 pct", ".5pct"]
)
def test_budget_that_is_none_is_refused_with_the_remedy(budget):
    line = only_problem(dataset(budgets=["20img", budget]))
    assert line.startswith("datasets.digits.budgets.1: ") and str(budget) in line
    assert line.endswith(
        "; write a number of images such as 100img or a share of the pool such as 0.5pct, above 0"
    )


@pytest.mark.parametrize("budget", ["1img", "250img", "0.5pct", "100pct", "0.10pct", "12.5pct"])
def test_budget_is_accepted(budget):
    assert settle(small(dataset(budgets=[budget])), SCHEMA)["datasets"]["digits"]["budgets"] == [budget]


def test_overrides_for_something_else_than_a_budget_are_refused():
    line = only_problem("datasets: {digits: {recipes: {ff: {budgets: {some: {epochs: 3}}}}}}")
    assert line.startswith(
        'datasets.digits.recipes.ff.budgets: "some" cannot be used; write a number of images'
    )


@pytest.mark.parametrize(
    ("overlay", "line"),
    [
        (
            "run: {datasets: [digit]}",
            "run.datasets: 'digit' is not in datasets; did you mean 'digits'? known are digits",
        ),
        ("run: {selectors: [best]}", "run.selectors: 'best' is not in selectors; known are random"),
        (
            "recipes: {ff: {pseudo: dc}}",
            "recipes.ff.pseudo: 'dc' is not in calibrations; known are activedc",
        ),
        (
            "run: {methods: [LP, ff]}",
            "run.methods: 'ff' is not in methods; did you mean 'FF'? known are FACT, FF, LP",
        ),
        ("run: {tables: [table9]}", "run.tables: 'table9' is not in tables; known are table1"),
        (
            "datasets: {digits: {backbones: [resnet]}}",
            "datasets.digits.backbones: 'resnet' is not in backbones; known are vit",
        ),
        (
            "datasets: {digits: {recipes: {lp-ft: {epochs: 3}}}}",
            "datasets.digits.recipes: 'lp-ft' is not in recipes; known are ff, lp-lora",
        ),
        (
            "tables: {table1: {datasets: [cifar]}}",
            "tables.table1.datasets: 'cifar' is not in datasets; known are digits",
        ),
        (
            "tables: {table1: {selectors: [best]}}",
            "tables.table1.selectors: 'best' is not in selectors; known are random",
        ),
        (
            "tables: {table1: {methods: [MAP]}}",
            "tables.table1.methods: 'MAP' is not in methods; known are FACT, FF, LP",
        ),
        (
            "tables: {table1: {rows: [SOTA]}}",
            "tables.table1.rows: 'SOTA' is not in rows; known are FF, LP",
        ),
        ("run: {rows: [SOTA]}", "run.rows: 'SOTA' is not in rows; known are FF, LP"),
        (
            "tables: {table1: {kind: gains, steps: [[FF, SOTA]]}}",
            "tables.table1.steps: 'SOTA' is not in rows; known are FF, LP",
        ),
        (
            "tables: {table1: {backbones: [cnn]}}",
            "tables.table1.backbones: 'cnn' is not in backbones; known are vit",
        ),
        (
            "tables: {table1: {budgets: {cifar: [1pct]}}}",
            "tables.table1.budgets: 'cifar' is not in datasets; known are digits",
        ),
        (
            "rows: {FF: {selector: best}}",
            "rows.FF.selector: 'best' is not in selectors; known are random",
        ),
        (
            "datasets: {digits: {selectors: {best: {}}}}",
            "datasets.digits.selectors: 'best' is not in selectors; known are random",
        ),
        ("methods: {FF: {recipe: f}}", "methods.FF.recipe: 'f' is not in recipes; known are ff, lp-lora"),
        ("methods: {LP: {probe: svm}}", "methods.LP.probe: 'svm' is not in probes; known are lbfgs, sgd"),
        (
            "backbones: {vit: {pretrain: {dataset: mnist, seed: 0, settings: {}}}}",
            "backbones.vit.pretrain.dataset: 'mnist' is not in datasets; known are digits",
        ),
    ],
)
def test_unknown_name_is_refused_with_the_known_ones(overlay, line):
    assert only_problem(overlay) == line


def test_every_problem_is_listed():
    found = problems("{run: {batch_size: 0, seed: 1}, training: {epochs: x}, backbones: {vit: {std: .nan}}}")
    starts = ("backbones.vit.std", "run.batch_size", "run.seed", "training.epochs")
    assert all(any(line.startswith(start) for line in found) for start in starts)
    assert len(problems("run: {datasets: [a, b], selectors: [c]}")) == 3


@pytest.mark.parametrize(
    ("overlay", "line"),
    [
        (
            "probes: {lbfgs: {C: best}}",
            'probes.lbfgs.C: "best" cannot be used; write cv (cross-validation) or a number above 0',
        ),
        (
            "probes: {lbfgs: {C: 0}}",
            "probes.lbfgs.C: 0 cannot be used; write cv (cross-validation) or a number above 0",
        ),
        ("probes: {svm: {kind: svm}}", "probes.svm.kind: 'svm' is not one of ['lbfgs', 'sgd']"),
        ("probes: {svm: {}}", "probes.svm: 'kind' is missing"),
        ("probes: {other: {kind: sgd}}", "probes.other: 'training' is missing"),
        (
            "methods: {LP: {recipe: ff}}",
            'methods.LP: {"probe": "sgd", "recipe": "ff"} cannot be used; '
            "a method is {probe: NAME}, {recipe: NAME} or {recipe: NAME, head: NAME}",
        ),
        (
            "methods: {LP: {head: map}}",
            'methods.LP: {"probe": "sgd", "head": "map"} cannot be used; '
            "a method is {probe: NAME}, {recipe: NAME} or {recipe: NAME, head: NAME}",
        ),
        (
            "methods: {X: {}}",
            "methods.X: {} cannot be used; "
            "a method is {probe: NAME}, {recipe: NAME} or {recipe: NAME, head: NAME}",
        ),
        ("recipes: {mine: {start: probe}}", "recipes.mine: 'tuner' is missing"),
        (
            "recipes: {mine: {tuner: lora, start: probe, alpha: 8, dropout: 0, targets: null}}",
            "recipes.mine: 'rank' is missing; a recipe of tuner lora has rank, alpha, dropout and targets",
        ),
        (
            "recipes: {mine: {tuner: prompts, start: random, num_tokens: 5, dropout: 0}}",
            "recipes.mine: 'deep' is missing; a recipe of tuner prompts has num_tokens, deep and dropout",
        ),
        (
            "recipes: {mine: {tuner: prefix, start: random}}",
            "recipes.mine: 'num_tokens' is missing; a recipe of tuner prefix has num_tokens",
        ),
        (
            "recipes: {probe: {tuner: full, start: probe}}",
            'recipes: "probe" cannot be used; probe, pseudo and frozen are names of other stages',
        ),
    ],
)
def test_choice_of_forms_is_explained_in_words(overlay, line):
    assert only_problem(overlay) == line


def test_choice_without_description_is_explained_by_the_form_that_was_meant(tmp_path):
    schema = tmp_path / "schema.yaml"
    forms = [
        {
            "properties": {"kind": {"const": "map"}, "rank": {"type": "integer"}},
            "additionalProperties": False,
        },
        {"properties": {"kind": {"const": "lr"}, "C": {"type": "number"}}, "additionalProperties": False},
    ]
    schema.write_text(yaml.safe_dump({"properties": {"heads": {"additionalProperties": {"oneOf": forms}}}}))
    with pytest.raises(ConfigError) as caught:
        settle({"heads": {"a": {"kind": "lr", "C": "big"}, "b": {"kind": "map", "C": 1}}}, schema)
    assert str(caught.value).splitlines()[1:] == [
        '  heads.a.C: "big" is not a number',
        "  heads.b.C: 1 is set, but there is no such key; known keys are kind, rank",
    ]


def test_what_is_missing_altogether_is_said():
    config = small()
    del config["probes"], config["run"]["seeds"]
    with pytest.raises(ConfigError) as caught:
        settle(config, SCHEMA)
    assert "top level: 'probes' is missing" in str(caught.value)
    assert "run: 'seeds' is missing" in str(caught.value)


def test_a_dataset_cannot_change_the_kind_of_a_recipe():
    line = only_problem("datasets: {digits: {recipes: {ff: {start: probe}}}}")
    assert line.startswith('datasets.digits.recipes.ff.start: "probe" is set, but there is no such key')


def test_a_dataset_with_the_name_of_a_table_is_refused():
    overlay = yaml.safe_dump({"datasets": {"table1": small()["datasets"]["digits"]}})
    assert only_problem(overlay) == "datasets.table1: 'table1' is a table's name too; rename one of them"


@pytest.mark.parametrize(
    "registry", ["datasets", "backbones", "selectors", "calibrations", "recipes", "probes", "tables"]
)
def test_name_becomes_a_folder_in_every_registry(registry):
    declared = next(iter(small()[registry].values()))
    overlay = yaml.safe_dump({registry: {"a/b": declared}})
    assert only_problem(overlay).startswith(f'{registry}: "a/b" cannot be used; a name starts with')


@pytest.mark.parametrize("name", ["..", "my data", "", ".hidden", "-x", "{x}"])
def test_name_that_is_no_plain_folder_is_refused(name):
    overlay = yaml.safe_dump({"selectors": {name: {"module": "random", "params": {}}}})
    assert only_problem(overlay).startswith(f'selectors: "{name}" cannot be used')


@pytest.fixture
def schema_of_any_head(tmp_path: Path) -> Path:
    """The schema with nothing said about heads."""
    rules = yaml.safe_load(SCHEMA.read_text("utf-8"))
    rules["properties"]["heads"] = {"type": "object"}
    path = tmp_path / "schema.yaml"
    path.write_text(yaml.safe_dump(rules))
    return path


def test_unknown_head_is_refused(schema_of_any_head):
    config = small("{heads: {map: {}}, methods: {FACT: {head: mop}}}")
    with pytest.raises(ConfigError, match=r"methods.FACT.head: 'mop' is not in heads; known are lr, map"):
        settle(config, schema_of_any_head)


def test_infinity_has_a_meaning_in_heads(schema_of_any_head):
    settled = settle(small("heads: {map: {rho_grid: [1.0, .inf]}}"), schema_of_any_head)
    assert settled["heads"]["map"]["rho_grid"] == [1.0, math.inf]


def test_nan_has_a_meaning_nowhere(schema_of_any_head):
    with pytest.raises(ConfigError, match=r"heads.map.rho: nan cannot be used; write a finite number"):
        settle(small("heads: {map: {rho: .nan}}"), schema_of_any_head)


@pytest.mark.parametrize(
    ("overlay", "line"),
    [
        ("training: {clip_norm: .inf}", "training.clip_norm: inf cannot be used; write a finite number"),
        (
            "training: {learning_rate: .nan}",
            "training.learning_rate: nan cannot be used; write a finite number",
        ),
        (
            "training: {learning_rate: 1e999}",
            "training.learning_rate: inf cannot be used; write a finite number",
        ),
        (
            "probes: {lbfgs: {C_grid: [1, .inf]}}",
            "probes.lbfgs.C_grid.1: inf cannot be used; write a finite number",
        ),
        (
            "selectors: {random: {params: {since: 2024-01-31}}}",
            "selectors.random.params.since: 2024-01-31 is a date; put it into quotes",
        ),
        (
            "selectors: {random: {params: {1: a}}}",
            "selectors.random.params.1: this key is not text; put it into quotes",
        ),
        ("run: {datasets: [on]}", "run.datasets.0: true is not text; put it into quotes"),
        ("run: {methods: [LP, 5]}", "run.methods.1: 5 is not text; put it into quotes"),
        ("run: {datasets: [null]}", "run.datasets.0: null is not text; put it into quotes"),
    ],
)
def test_what_yaml_reads_otherwise_than_meant_is_refused(overlay, line):
    assert only_problem(overlay) == line


@pytest.mark.parametrize(
    ("name", "shown"), [("on", "true"), ("no", "false"), ("2024", "2024"), ("1.5", "1.5"), ("~", "null")]
)
def test_name_that_yaml_does_not_read_as_text_is_refused(name, shown):
    found = problems(f"datasets: {{{name}: {{source: digits}}, a: {{source: digits}}}}")
    assert f"datasets.{shown}: this key is not text; put it into quotes" in found


def test_names_that_yaml_would_read_otherwise_are_fine_in_quotes():
    declared = small()["datasets"]["digits"]
    config = small(
        yaml.safe_dump({"datasets": {"on": declared, "2024": declared}, "run": {"datasets": ["on", "2024"]}})
    )
    assert settle(config, SCHEMA)["run"]["datasets"] == ["on", "2024"]


def test_long_values_are_cut_in_messages():
    line = only_problem(yaml.safe_dump({"run": {"batch_size": "x" * 5000}}))
    assert (
        line.startswith('run.batch_size: "xxx') and line.endswith("is not a whole number") and len(line) < 150
    )


def test_a_selector_that_stands_on_itself_is_refused():
    step = {"module": "margin", "probe": "lbfgs", "params": {}}
    chain = {
        "a": {**step, "first": {"selector": "b", "share": 0.5}},
        "b": {**step, "first": {"selector": "a", "share": 0.5}},
    }
    found = problems(yaml.safe_dump({"selectors": chain}))
    assert [line.split(":")[0] for line in found] == [
        "selectors.a.first.selector",
        "selectors.b.first.selector",
    ]
    assert "'a' stands on itself in the end" in found[0]


def test_a_second_step_needs_a_probe():
    step = {"module": "margin", "params": {}, "first": {"selector": "random", "share": 0.5}}
    assert "probe" in only_problem(yaml.safe_dump({"selectors": {"a": step}}))


@pytest.mark.parametrize(
    ("overlay", "start"),
    [
        (
            "selectors: {random: {params: {since: 3}}}",
            "selectors.random.params.since: 3 is set, but random has no",
        ),
        (
            "selectors: {random: {module: best}}",
            "selectors.random.module: 'best' is no file of fact/selection",
        ),
        ("calibrations: {activedc: {params: {beta: 1}}}", "calibrations.activedc.params.beta: 1 is set, but"),
    ],
)
def test_parameters_of_another_function_are_refused(overlay, start):
    line = only_problem(overlay)
    assert line.startswith(start) and ("known are" in line or "it has none" in line)


HEAD = "{{heads: {{map: {{kind: map, C: 1.0, folds: 5, fallback_C: 1.0, frofa: {}}}}}}}"


@pytest.mark.parametrize(
    "frofa", ["{}", "{ops: [rotate, {op: posterize, variant: c}], draw: 2}", "{draw: all}"]
)
def test_augmentations_are_accepted(frofa):
    settled = settle(small(HEAD.format(frofa)), SCHEMA)
    asked = yaml.safe_load(frofa)
    assert settled["heads"]["map"]["frofa"].items() >= asked.items()


@pytest.mark.parametrize(
    ("frofa", "start"),
    [
        (
            "{ops: [brightnes]}",
            "heads.map.frofa.ops: 'brightnes' is no file of fact/training/frofa/ops; did you mean 'bright",
        ),
        (
            "{ops: [{op: grid, variant: c}]}",
            "heads.map.frofa.ops: 'grid' is no file of fact/training/frofa/ops",
        ),
        (
            "{ops: [{op: crop, variant: c3}]}",
            'heads.map.frofa.ops.0: {"op": "crop", "variant": "c3"} cannot be used; an augmentation is',
        ),
        ("{ops: []}", "heads.map.frofa.ops: [] cannot be used; give a list of augmentations"),
        ("{draw: 0}", "heads.map.frofa.draw: 0 cannot be used; write all, or how many"),
        ("{draw: one}", 'heads.map.frofa.draw: "one" cannot be used; write all, or how many'),
        ("{op: crop}", 'heads.map.frofa.op: "crop" is set, but there is no such key'),
    ],
)
def test_augmentations_that_do_not_exist_are_refused(frofa, start):
    assert only_problem(HEAD.format(frofa)).startswith(start)


def test_a_method_that_none_of_a_tables_backbones_can_have_is_refused_before_any_work():
    overlay = "backbones: {vit: {tuners: [full]}}"
    assert only_problem(overlay) == (
        "tables.table1: FACT cannot run on vit, whose `tuners` do not have 'lora'; take the method out, "
        "or add a backbone that has, such as a plain vision transformer"
    )
    assert "tuners.0" in only_problem("backbones: {vit: {tuners: [adapter]}}")


@pytest.mark.parametrize(
    ("table", "start"),
    [
        ("{rows: [FF], selectors: [random]}", "tables.table1.selectors: "),
        ("{kind: gains}", "tables.table1: 'steps' is missing; a table of gains has steps"),
        ("{kind: gains, steps: [[FF]]}", "tables.table1.steps.0: "),
        ("{budgets: {digits: [many]}}", "tables.table1.budgets.digits.0: "),
        ("{figure: pie}", "tables.table1.figure: "),
        (
            "{rows: [FF, LP], reference: FACT}",
            "tables.table1.reference: 'FACT' is no row of it; known are FF, LP",
        ),
    ],
)
def test_a_table_that_cannot_be_is_refused(table, start):
    assert only_problem(f"{{tables: {{table1: {table}}}}}").startswith(start)


def test_parameters_of_a_dataset_that_a_selector_does_not_have_are_refused():
    declared = "selectors: {activeft: {module: activeft, params: {}}}"
    overlay = f"{{{declared}, datasets: {{digits: {{selectors: {{activeft: {{k: 1}}}}}}}}}}"
    expected = "datasets.digits.selectors.activeft.k: 1 is set, but activeft has no such parameter; known are"
    assert only_problem(overlay).startswith(expected)


def test_the_paper_plans_every_cell_that_it_published_a_number_for():
    from fact.config.tables import table_spec
    from fact.report.tables.published import published_values, read_published

    config = settle(shipped("paper"), SCHEMA)
    published = read_published(ROOT / "config/published.csv")
    for table in config["run"]["tables"]:
        spec = table_spec(of(config), table)
        rows = {row.label for row in spec.rows} | {" - ".join(step) for step in spec.steps}
        columns = set(spec.columns)
        for dataset, backbone, budget, row, metric in published_values(published, table):
            assert row in rows and (metric == "trained_percent" or (dataset, backbone, budget) in columns)
    assert {"table1", "table9", "figure4"} <= set(config["run"]["tables"])
    assert published["table"].nunique() == 9 and len(published) == 487


ROADS = """
run: {datasets: [roads], tables: [table7], methods: [FF]}
datasets:
  roads: {task: segmentation, source: mask_folder, root: x, options: {}, backbones: [vit], budgets: [5img],
    transform: squash}
tables: {table7: {title: t, kind: segmentation}}
"""


def roads(overlay: str) -> list[str]:
    config = yaml.safe_load(ROADS)
    update_config(config, yaml.safe_load(overlay))
    return problems(yaml.safe_dump(config))


def test_a_dataset_of_segmentation_settles():
    assert settle(small(ROADS), SCHEMA)["datasets"]["roads"]["task"] == "segmentation"


@pytest.mark.parametrize(
    ("overlay", "told"),
    [
        (
            "datasets: {roads: {training: {}}}",
            "datasets.roads.training: {} cannot be used; a dataset of task",
        ),
        ("datasets: {digits: {segmentation: {}}}", "datasets.digits.segmentation: {} cannot be used; only a"),
        ("datasets: {roads: {source: digits}}", "datasets.roads.source: digits has no masks; for task"),
        ("datasets: {digits: {source: ade20k}}", "datasets.digits.task: missing; the source ade20k needs"),
        (
            "datasets: {roads: {segmentation: {images: {crop: 3}}}}",
            "datasets.roads.segmentation.images.crop: 3",
        ),
        (
            "segmentation: {training: {batch_size: 1}}",
            "segmentation.training.batch_size: 1 cannot be used; the",
        ),
        (
            "segmentation: {recipes: {lp-ft: {start: soft}}}",
            "segmentation.recipes.lp-ft.start: 'soft' is not",
        ),
        (
            "segmentation: {methods: {FF: {recipe: f}}}",
            "segmentation.methods.FF.recipe: 'f' is not in recipes",
        ),
        (
            "segmentation: {recipes: {ff: {iterations: 9}}}",
            "segmentation.recipes.ff.warmup_iterations: 1500 on roads leave nothing of 9 iterations; set it",
        ),
        (
            "segmentation: {heads: {frofa: {frofa: {ops: [shine]}}}}",
            "segmentation.heads.frofa.frofa.ops: 'shine' is no file of fact/training/frofa/ops; known are",
        ),
        (
            "run: {methods: [LP, ODD]}\nmethods: {ODD: {probe: sgd}}",
            "tables.table7: ODD is no method of segm",
        ),
        (
            "tables: {table7: {datasets: [digits]}}",
            "tables.table7.datasets: digits have the task classification",
        ),
        ("run: {tables: [table1]}", "tables.table1.datasets: roads have the task segmentation, a table of"),
        (
            "run: {selectors: [two]}\nselectors: {two: {module: margin, params: {}, probe: sgd, "
            "first: {selector: random, share: 0.5}}}",
            "tables.table7: selector 'two' learns from classes of images, and roads has none; use one",
        ),
    ],
)
def test_what_a_segmentation_cannot_have_is_refused(overlay, told):
    (line,) = roads(overlay)
    assert line.startswith(told), line


def with_model(overlay: str) -> dict:
    """The shipped configuration with a user's YAML merged over it."""
    config = shipped()
    update_config(config, yaml.safe_load(overlay))
    return config


@pytest.mark.parametrize(
    ("overlay", "line"),
    [
        ("model: {recipes: [lp-ftt]}", "model.recipes: 'lp-ftt' is not in recipes"),
        ("model: {head: none}", "model.head: 'none' is not in heads"),
        ("model: {recipes: [lp-prompt]}", "model.recipes: 'lp-prompt' cannot be merged into a model"),
        ("model: {recipes: [lp-ft-dc]}", "model.recipes: 'lp-ft-dc' cannot be merged into a model"),
        ("model: {folds: 1}", "model.folds: 1 is less than the minimum of 2"),
        ("model: {budget: 3}", "model.budget: 3 is set, but there is no such key"),
    ],
)
def test_wrong_settings_of_a_model_are_named(overlay, line):
    with pytest.raises(ConfigError, match=re.escape(line)):
        settle(with_model(overlay), SCHEMA)


def test_a_model_of_the_frozen_backbone_alone_is_fine():
    assert settle(with_model("model: {recipes: []}"), SCHEMA)["model"]["recipes"] == []
