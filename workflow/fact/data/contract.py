"""Data sources: one module of ``fact.data.sources`` each, found by name.

A source is a module with

- ``index(root: Path | None, **options) -> SourceIndex``: its samples (:mod:`fact.data.manifest`);
- ``read_image(root: Path | None, locator: str, **options) -> np.ndarray``: one image, uint8
  (height, width, 3), RGB, for a locator of its manifest;
- optionally ``download(root: Path) -> None``, for a source that is published on the network;
- optionally ``read_mask(root: Path | None, locator: str, **options) -> np.ndarray``, for segmentation: the
  mask of an image, uint8 (height, width) (:mod:`fact.data.masks`);
- optionally ``expected_counts(**options) -> Counts``, for one whose numbers of classes and images are known,
  and ``check_files(root: Path | None) -> None``, which raises for a file without its published checksum.

Options are keyword-only parameters with defaults; the configuration gives them by these names. Where they are
many, ``index`` takes ``**options``, the fields of a dataclass ``IndexOptions`` of its module. A parameter
``workers`` of ``index`` is filled with the number of threads and is not an option.
"""

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable
from dataclasses import fields
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import numpy as np

import fact.data.sources
from fact.data.manifest import Counts, SourceIndex
from fact.infra.errors import ConfigError
from fact.infra.fields import Settings

KEYWORD_ONLY = inspect.Parameter.KEYWORD_ONLY


def load_source(name: str) -> ModuleType:
    """Return the source module ``fact.data.sources.<name>``. Raises ConfigError with the available names."""
    module = f"{fact.data.sources.__name__}.{name}"
    if name.isidentifier() and find_spec(module) is not None:
        source = importlib.import_module(module)
        if _is_source(source):
            return source
    raise ConfigError(f"there is no data source {name!r}; available: {', '.join(source_names())}")


def source_names() -> list[str]:
    """Return the names of all sources, sorted."""
    prefix = f"{fact.data.sources.__name__}."
    names = sorted(module.name for module in pkgutil.iter_modules(fact.data.sources.__path__))
    return [name for name in names if _is_source(importlib.import_module(prefix + name))]


def build_index(source: ModuleType, root: Path | None, options: Settings, workers: int) -> SourceIndex:
    """Return ``source.index`` with the configured options.

    Raises ConfigError for an option that neither indexing nor reading has, and for a text such as "no" where
    true or false is meant, besides what the source raises.
    """
    known = _options(source.index) | _options(source.read_image)
    if unknown := sorted(set(options) - (known - {"workers"})):
        raise ConfigError(
            f"data source {_name(source)} has no option {unknown[0]!r}; its options are "
            f"{sorted(known - {'workers'})}"
        )
    _check_types(source, options)
    return source.index(root, **accepted_options(source.index, {**options, "workers": workers}))


def expected_counts(source: ModuleType, options: Settings) -> Counts | None:
    """Return the published numbers of classes and images under the configured options.

    None where there are none.
    """
    if not hasattr(source, "expected_counts"):
        return None
    return source.expected_counts(**accepted_options(source.expected_counts, options))


def check_files(source: ModuleType, root: Path | str | None) -> None:
    """Raise FileNotFoundError or ConfigError for a file without its published checksum, if it has one."""
    if hasattr(source, "check_files"):
        source.check_files(root)


def image_reader(source: ModuleType, root: Path | None, options: Settings) -> Callable[..., np.ndarray]:
    """Return a function from locator, and checksum where one is known, to image.

    It has those of the configured options that concern reading.
    """
    return partial(source.read_image, root, **accepted_options(source.read_image, options))


def accepted_options(function: Callable[..., object], options: Settings) -> dict[str, object]:
    """Return those of the configured options that are keyword-only parameters of a source's function."""
    return {name: options[name] for name in sorted(_options(function) & set(options))}


def _check_types(source: ModuleType, options: Settings) -> None:
    """Raise ConfigError for an option that is no truth value where its default is one."""
    defaults = _defaults(source.read_image) | _defaults(source.index)
    for name, value in options.items():
        if isinstance(defaults.get(name), bool) and not isinstance(value, bool):
            raise ConfigError(
                f"data source {_name(source)}: {name}: {value!r} is not true or false; write it unquoted"
            )


def _defaults(function: Callable[..., object]) -> dict[str, object]:
    """Return defaults of the options that have one."""
    parameters = inspect.signature(function).parameters.values()
    found = {parameter.name: parameter.default for parameter in parameters if parameter.kind is KEYWORD_ONLY}
    if any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters):
        own = fields(sys.modules[function.__module__].IndexOptions)
        found |= {field.name: field.default for field in own}
    return found


def _is_source(module: ModuleType) -> bool:
    return callable(getattr(module, "index", None)) and callable(getattr(module, "read_image", None))


def _options(function: Callable[..., object]) -> set[str]:
    parameters = inspect.signature(function).parameters.values()
    named = {parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY}
    if all(parameter.kind is not parameter.VAR_KEYWORD for parameter in parameters):
        return named
    return named | {field.name for field in fields(sys.modules[function.__module__].IndexOptions)}


def _name(source: ModuleType) -> str:
    return source.__name__.rpartition(".")[2]
