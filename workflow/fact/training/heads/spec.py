"""The settings of a lightweight head, checked."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal, NamedTuple, cast

from fact.infra.errors import ConfigError
from fact.infra.fields import Settings, read_fields
from fact.training.heads.transform import TRANSFORMS, Transform

Variant = Literal["default", "c", "c2"]
VARIANTS: tuple[Variant, ...] = ("default", "c", "c2")
KINDS = ("lr", "map", "auto")
PoolClasses = Literal["equal", "shares"]
POOL_CLASSES: tuple[PoolClasses, ...] = ("equal", "shares")
POOLINGS = ("pooled", "mean", "both")
PRIORS = ("zero", "start")


class Operation(NamedTuple):
    """An augmentation of tokens: a module of :mod:`fact.training.frofa.ops`.

    Without a variant it takes that of the others.
    """

    name: str
    variant: Variant | None = None


BRIGHTNESS = (Operation("brightness"),)


@dataclass(frozen=True)
class Frofa:
    """Views of the labelled tokens; with several ``strengths`` one is chosen, 0 meaning none.

    A view takes all of ``ops`` in turn, or ``draw`` of them at random.
    """

    variant: Variant = "c2"
    strengths: tuple[float, ...] = (0.0,)
    views: int = 3
    ops: tuple[Operation, ...] = BRIGHTNESS
    draw: int | None = None

    @property
    def modules(self) -> list[str]:
        """Names of the modules of the augmentations that may be used; none where no strength is above 0."""
        return (
            sorted({f"fact.training.frofa.ops.{op.name}" for op in self.ops})
            if max(self.strengths) > 0
            else []
        )


@dataclass(frozen=True)
class PoolShare:
    """How many images of each class of the pool join the labelled ones, and what they weigh together.

    ``weight`` is in units of what the labelled images weigh; ``propagation`` names where their labels come
    from; ``C`` is the strength of the linear head on both. Where the graph's power is below ``least_power``
    the pool says too little, and the head is chosen without it. ``classes``: whether those of a class
    count as many, or by the class's share of the pool.
    """

    propagation: str
    per_class: int
    weight: float
    C: float
    least_power: float
    classes: PoolClasses


@dataclass(frozen=True)
class HeadSpec:
    """What :func:`fact.training.heads.fit.fit_head` fits; "cv" stands for a choice by cross-validation."""

    kind: Literal["lr", "map", "auto"]
    pooling: Literal["pooled", "mean", "both"] = "pooled"  # what "lr" reads
    # of what linear heads read; attention reads tokens as they are
    transform: Transform | Literal["cv"] = "none"
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
    pool: PoolShare | None = None

    @property
    def given_C(self) -> float:
        """C where there is nothing to choose it by."""
        return self.fallback_C if self.C == "cv" else self.C

    @property
    def open(self) -> bool:
        """Whether anything is left to choose."""
        rho_open = self.kind != "lr" and self.rho == "cv"
        several = len(self.frofa.strengths) > 1 or len(self.transforms) > 1
        return self.kind == "auto" or self.C == "cv" or rho_open or several

    @property
    def transforms(self) -> tuple[Transform, ...]:
        """What may be done to the vectors of a linear head."""
        return TRANSFORMS if self.transform == "cv" else (self.transform,)

    @property
    def strengths_of_C(self) -> tuple[float, ...]:
        return self.C_grid if self.C == "cv" else (self.C,)

    @property
    def pulls(self) -> tuple[float, ...]:
        """Values of rho, strongest pull first."""
        return tuple(sorted(self.rho_grid, reverse=True)) if self.rho == "cv" else (self.rho,)


def read_head_spec(settings: Settings) -> HeadSpec:
    """Return a :class:`HeadSpec` from plain settings; in ``frofa``, ``strength`` is a number or a list.

    Raises ConfigError naming the key, its value and what it may be.
    """
    known = {field.name for field in fields(HeadSpec)}
    for key in settings:
        if key not in known:
            raise ConfigError(f"head: unknown setting {key!r}; known are {', '.join(sorted(known))}")
    values = dict(settings)
    for grid in ("C_grid", "rho_grid"):
        if grid in values:
            values[grid] = tuple(sorted(float(value) for value in values[grid]))
    values["frofa"] = read_frofa(values.get("frofa") or {})
    if values.get("pool"):
        values["pool"] = read_fields(PoolShare, values["pool"], "head: pool")
    spec = HeadSpec(**values)
    _check_choices(spec)
    _check_numbers(spec)
    return spec


def read_frofa(settings: Settings) -> Frofa:
    """Return FroFA from plain settings. Raises ConfigError naming the key, its value and what it may be."""
    known = ("variant", "strength", "views", "ops", "draw")
    if unknown := set(settings) - set(known):
        raise ConfigError(f"head: frofa: unknown setting {min(unknown)!r}; known are {', '.join(known)}")
    strength = settings.get("strength", 0.0)
    strengths = tuple(sorted(strength)) if isinstance(strength, list | tuple) else (strength,)
    ops = BRIGHTNESS if "ops" not in settings else tuple(map(_read_operation, settings["ops"]))
    draw = settings.get("draw", "all")
    views = settings.get("views", 3)
    frofa = Frofa(
        settings.get("variant", "c2"), strengths, views=views, ops=ops, draw=None if draw == "all" else draw
    )
    _check_frofa(frofa)
    return frofa


def _read_operation(entry: str | Mapping[str, str]) -> Operation:
    """Return an augmentation, given by its name or as ``{op: NAME, variant: VARIANT}``."""
    if isinstance(entry, str):
        return Operation(entry)
    if set(entry) != {"op", "variant"}:
        raise ConfigError(f"head: frofa.ops: {dict(entry)}; write a name, or {{op: NAME, variant: VARIANT}}")
    return Operation(entry["op"], cast("Variant", entry["variant"]))


def _check_frofa(frofa: Frofa) -> None:
    _among("frofa.variant", frofa.variant, VARIANTS)
    for name, variant in frofa.ops:
        _among(f"frofa.ops: variant of {name}", variant or frofa.variant, VARIANTS)
    if not frofa.ops:
        raise ConfigError("head: frofa.ops is empty; name an augmentation, or use strength 0 for none")
    if not frofa.strengths or not all(0 <= value <= 1 for value in frofa.strengths):
        raise ConfigError(f"head: frofa.strength = {_plain(frofa.strengths)}; use numbers from 0 to 1")
    if frofa.views < 1:
        raise ConfigError(f"head: frofa.views = {frofa.views}; use at least 1, or strength 0 for no views")
    if frofa.draw is not None and not (isinstance(frofa.draw, int) and frofa.draw >= 1):
        raise ConfigError(f"head: frofa.draw = {frofa.draw!r}; use all, or a whole number from 1")


def _check_choices(spec: HeadSpec) -> None:
    _among("kind", spec.kind, KINDS)
    _among("pooling", spec.pooling, POOLINGS)
    _among("prior", spec.prior, PRIORS)
    _among("transform", spec.transform, (*TRANSFORMS, "cv"))


def _check_numbers(spec: HeadSpec) -> None:
    positive = {
        "C_grid": spec.C_grid,
        "rho_grid": spec.rho_grid,
        "fallback_C": [spec.fallback_C],
        "heads": [spec.heads],
    }
    positive |= {key: [getattr(spec, key)] for key in ("C", "rho") if getattr(spec, key) != "cv"}
    if spec.pool and spec.kind != "auto":
        raise ConfigError(f"head: pool needs kind: auto, not {spec.kind}")
    if spec.pool:
        _among("pool.classes", spec.pool.classes, POOL_CLASSES)
        positive |= {"pool.C": [spec.pool.C], "pool.per_class": [spec.pool.per_class]}
    for key, values in positive.items():
        if not values or not all(isinstance(value, int | float) and value > 0 for value in values):
            raise ConfigError(f"head: {key} = {values}; use positive numbers")
    if spec.folds < 2:
        raise ConfigError(f"head: folds = {spec.folds}; use at least 2")


def _plain(values: tuple[float, ...]) -> object:
    """Return values as written: a number, or a list of them."""
    return values[0] if len(values) == 1 else list(values)


def _among(key: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ConfigError(f"head: {key} = {value!r}; use one of {', '.join(allowed)}")
