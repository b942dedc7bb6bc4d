"""The settings of a lightweight head, checked."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal

Variant = Literal["default", "c", "c2"]
VARIANTS: tuple[Variant, ...] = ("default", "c", "c2")
KINDS = ("lr", "map", "auto")
POOLINGS = ("pooled", "mean", "both")
PRIORS = ("zero", "start")


@dataclass(frozen=True)
class Frofa:
    """Views of the labelled tokens; with several ``strengths`` one is chosen, 0 meaning none."""

    variant: Variant = "c2"
    strengths: tuple[float, ...] = (0.0,)
    views: int = 3


@dataclass(frozen=True)
class HeadSpec:
    """What :func:`fact.heads.fit.fit_head` fits; "cv" stands for a choice by cross-validation."""

    kind: Literal["lr", "map", "auto"]
    pooling: Literal["pooled", "mean", "both"] = "pooled"  # what "lr" reads
    C: float | Literal["cv"] = "cv"
    C_grid: tuple[float, ...] = (0.1, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1e3, 1e4)
    rho: float | Literal["cv"] = "cv"  # pull on the attention; infinity is mean pooling
    rho_grid: tuple[float, ...] = (1.0, 10.0, 100.0, float("inf"))
    frofa: Frofa = Frofa()
    folds: int = 5
    fallback_C: float = 100.0  # where cross-validation is impossible
    heads: int = 8
    value: bool = False
    prior: Literal["zero", "start"] = "zero"

    @property
    def given_C(self) -> float:
        """C where there is nothing to choose it by."""
        return self.fallback_C if self.C == "cv" else self.C

    @property
    def open(self) -> bool:
        """Whether anything is left to choose."""
        rho_open = self.kind != "lr" and self.rho == "cv"
        return self.kind == "auto" or self.C == "cv" or rho_open or len(self.frofa.strengths) > 1

    @property
    def strengths_of_C(self) -> tuple[float, ...]:
        return self.C_grid if self.C == "cv" else (self.C,)

    @property
    def pulls(self) -> tuple[float, ...]:
        """Values of rho, strongest pull first."""
        return tuple(sorted(self.rho_grid, reverse=True)) if self.rho == "cv" else (self.rho,)


def read_head_spec(settings: Mapping[str, object]) -> HeadSpec:
    """A :class:`HeadSpec` from plain settings; ``frofa`` is a mapping with ``strength`` a number or a list.

    Raises ValueError naming the key, its value and what it may be.
    """
    known = {field.name for field in fields(HeadSpec)}
    for key in settings:
        if key not in known:
            raise ValueError(f"head: unknown setting {key!r}; known are {', '.join(sorted(known))}")
    values = dict(settings)
    for grid in ("C_grid", "rho_grid"):
        if grid in values:
            values[grid] = tuple(sorted(float(value) for value in values[grid]))
    values["frofa"] = _read_frofa(values.get("frofa") or {})
    spec = HeadSpec(**values)
    _check_choices(spec)
    _check_numbers(spec)
    return spec


def _read_frofa(settings: Mapping[str, object]) -> Frofa:
    unknown = set(settings) - {"variant", "strength", "views"}
    if unknown:
        raise ValueError(f"head: frofa: unknown setting {min(unknown)!r}; known are variant, strength, views")
    strength = settings.get("strength", 0.0)
    strengths = tuple(sorted(strength)) if isinstance(strength, list | tuple) else (strength,)
    frofa = Frofa(settings.get("variant", "c2"), strengths, settings.get("views", 3))
    _among("frofa.variant", frofa.variant, VARIANTS)
    if not strengths or not all(0 <= value <= 1 for value in strengths):
        raise ValueError(f"head: frofa.strength = {strength}; use numbers from 0 to 1")
    if frofa.views < 1:
        raise ValueError(f"head: frofa.views = {frofa.views}; use at least 1, or strength 0 for no views")
    return frofa


def _check_choices(spec: HeadSpec) -> None:
    _among("kind", spec.kind, KINDS)
    _among("pooling", spec.pooling, POOLINGS)
    _among("prior", spec.prior, PRIORS)


def _check_numbers(spec: HeadSpec) -> None:
    positive = {
        "C_grid": spec.C_grid,
        "rho_grid": spec.rho_grid,
        "fallback_C": [spec.fallback_C],
        "heads": [spec.heads],
    }
    positive |= {key: [getattr(spec, key)] for key in ("C", "rho") if getattr(spec, key) != "cv"}
    for key, values in positive.items():
        if not values or not all(isinstance(value, int | float) and value > 0 for value in values):
            raise ValueError(f"head: {key} = {values}; use positive numbers")
    if spec.folds < 2:
        raise ValueError(f"head: folds = {spec.folds}; use at least 2")


def _among(key: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ValueError(f"head: {key} = {value!r}; use one of {', '.join(allowed)}")
