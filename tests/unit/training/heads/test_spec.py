from pathlib import Path

import pytest
import yaml
from fact.training.frofa.contract import operation_names
from fact.training.heads.spec import BRIGHTNESS, Frofa, HeadSpec, Operation, read_head_spec


def test_defaults_and_grids() -> None:
    spec = read_head_spec({"kind": "map", "C_grid": [10, 1], "frofa": {"strength": [0.3, 0], "views": 2}})
    assert spec.C_grid == (1.0, 10.0) and spec.frofa == Frofa("c2", (0, 0.3), 2)
    assert spec.pulls == (float("inf"), 100.0, 10.0, 1.0)
    assert read_head_spec({"kind": "lr"}) == HeadSpec("lr")
    assert read_head_spec({"kind": "lr", "frofa": None}).frofa.strengths == (0.0,)


def test_augmentations_are_brightness_unless_named() -> None:
    named = {"strength": 0.1, "ops": ["rotate", {"op": "posterize", "variant": "c"}], "draw": 1}
    frofa = read_head_spec({"kind": "lr", "frofa": named}).frofa
    assert frofa.ops == (Operation("rotate"), Operation("posterize", "c")) and frofa.draw == 1
    assert frofa.modules == ["fact.training.frofa.ops.posterize", "fact.training.frofa.ops.rotate"]
    spelt = {"variant": "c2", "strength": 0.0, "views": 3, "ops": ["brightness"], "draw": "all"}
    assert read_head_spec({"kind": "lr", "frofa": spelt}).frofa == Frofa() and Frofa().ops == BRIGHTNESS


def test_every_shipped_head_is_read() -> None:
    shipped = yaml.safe_load((Path(__file__).parents[4] / "config/heads.yaml").read_text("utf-8"))["heads"]
    frofa = {name: read_head_spec(settings).frofa for name, settings in shipped.items()}
    assert {op.name for head in frofa.values() for op in head.ops} <= set(operation_names())
    # what was there before augmentations had names is what it was
    assert frofa["map"] == Frofa("c2", (0.1,), 3) and frofa["auto"] == Frofa("c2", (0.0, 0.1, 0.3), 3)
    others = {name for name in shipped if name.startswith("map-")} - {"map-nofrofa"}
    same = {key: value for key, value in shipped["map"].items() if key != "frofa"}
    for name in others:
        assert {key: value for key, value in shipped[name].items() if key != "frofa"} == same


def test_a_head_without_frofa_needs_no_augmentation() -> None:
    assert Frofa(strengths=(0.0,)).modules == []
    assert Frofa(strengths=(0.0, 0.1)).modules == ["fact.training.frofa.ops.brightness"]


@pytest.mark.parametrize(
    ("settings", "is_open"),
    [
        ({"kind": "lr"}, True),
        ({"kind": "lr", "C": 1.0}, False),
        ({"kind": "lr", "C": 1.0, "frofa": {"strength": [0, 0.1]}}, True),
        ({"kind": "map", "C": 1.0}, True),
        ({"kind": "map", "C": 1.0, "rho": 10.0}, False),
        ({"kind": "auto", "C": 1.0, "rho": 10.0}, True),
    ],
)
def test_what_is_left_to_choose(settings: dict, is_open: bool) -> None:
    assert read_head_spec(settings).open is is_open


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kid": "lr"}, "unknown setting 'kid'"),
        ({"kind": "svm"}, "kind = 'svm'; use one of lr, map, auto"),
        ({"pooling": "cls"}, "pooling = 'cls'; use one of pooled, mean, both"),
        ({"prior": "one"}, "prior = 'one'"),
        ({"C": "auto"}, r"C = \['auto'\]; use positive numbers"),
        ({"C": 0}, "C = "),
        ({"C_grid": []}, "C_grid = "),
        ({"C_grid": [1.0, -1.0]}, "C_grid = "),
        ({"rho": -1.0}, "rho = "),
        ({"fallback_C": 0.0}, "fallback_C = "),
        ({"folds": 1}, "folds = 1"),
        ({"frofa": {"strenght": 0.1}}, "frofa: unknown setting 'strenght'"),
        ({"frofa": {"strength": 2}}, "frofa.strength = 2"),
        ({"frofa": {"strength": []}}, "frofa.strength = "),
        ({"frofa": {"variant": "c4"}}, "frofa.variant = 'c4'"),
        ({"frofa": {"views": 0}}, "frofa.views = 0"),
        ({"frofa": {"ops": []}}, "frofa.ops is empty; name an augmentation"),
        ({"frofa": {"ops": [{"op": "crop"}]}}, r"frofa.ops: \{'op': 'crop'\}; write a name, or"),
        ({"frofa": {"ops": [{"op": "crop", "variant": "c3"}]}}, "variant of crop = 'c3'; use one of"),
        ({"frofa": {"draw": 0}}, "frofa.draw = 0; use all, or a whole number"),
        ({"frofa": {"draw": "one"}}, "frofa.draw = 'one'"),
    ],
)
def test_refusals(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_head_spec({"kind": "lr", **change})
