"""The modules that a stage imports by name, which its code version must cover."""

from fact.config.declared import FROZEN, Config
from fact.config.settings import keeps_refined, model_candidates
from fact.training.heads.spec import read_frofa, read_head_spec
from fact.training.probes import PROBES


def source_modules(config: Config, dataset: str) -> list[str]:
    """Return the module that reads a dataset."""
    return [f"fact.data.sources.{config.datasets[dataset]['source']}"]


def pretraining_modules(config: Config, backbone: str) -> list[str]:
    """Return the module that reads the pool which a backbone is pretrained on."""
    return source_modules(config, config.backbones[backbone]["pretrain"]["dataset"])


def selector_modules(config: Config, selector: str) -> list[str]:
    """Return the module of a selector of one step."""
    return [f"fact.selection.selectors.{config.selectors[selector]['module']}"]


def second_step_modules(config: Config, selector: str) -> list[str]:
    """Return the module of the second step of a selector."""
    return [f"fact.selection.second_steps.{config.selectors[selector]['module']}"]


def calibration_modules(config: Config, calibration: str) -> list[str]:
    """Return the module of a calibration."""
    return [f"fact.selection.calibrations.{config.calibrations[calibration]['module']}"]


def probe_modules(config: Config, probe: str) -> list[str]:
    """Return the module that fits a kind of probe."""
    return [PROBES[config.probes[probe]["kind"]]]


def tuning_modules(config: Config, dataset: str, recipe: str) -> list[str]:
    """Return the modules of a recipe's tuner and of the data; a frozen backbone has no tuner."""
    tuners = [] if recipe == FROZEN else [config.task(dataset).recipes[recipe]["tuner"]]
    return [*(f"fact.training.tuners.{tuner}" for tuner in tuners), *source_modules(config, dataset)]


def head_modules(config: Config, head: str) -> list[str]:
    """Return the modules of the augmentations of a head of phase 3."""
    return read_head_spec(config.heads[head]).frofa.modules


def scored_head_modules(config: Config, dataset: str, recipe: str, head: str) -> list[str]:
    """Return the modules of a head, and those of the checkpoint and the images that it streams."""
    streamed = [] if keeps_refined(config, dataset) else tuning_modules(config, dataset, recipe)
    return [*head_modules(config, head), *streamed]


def segmentation_head_modules(config: Config, dataset: str, recipe: str, head: str) -> list[str]:
    """Return the modules of a head of segmentation, its tuner and its data."""
    frofa = read_frofa(config.segmentation["heads"][head]["frofa"])
    return [*tuning_modules(config, dataset, recipe), *frofa.modules]


def candidate_modules(config: Config, dataset: str, candidate: str) -> list[str]:
    """Return the modules of all phases of one candidate for a model."""
    return _phase_modules(config, dataset, [candidate])


def model_modules(config: Config, dataset: str, backbone: str) -> list[str]:
    """Return the modules of all phases of every candidate for a model."""
    return _phase_modules(config, dataset, model_candidates(config, backbone))


def _phase_modules(config: Config, dataset: str, candidates: list[str]) -> list[str]:
    recipes = [config.recipes[name] for name in candidates if name != FROZEN]
    starts = [recipe["start"] for recipe in recipes if recipe["start"] != "random"]
    modules = [
        *source_modules(config, dataset),
        *(f"fact.training.tuners.{recipe['tuner']}" for recipe in recipes),
        *(module for start in starts for module in probe_modules(config, start)),
        *head_modules(config, config.model["head"]),
    ]
    return sorted(set(modules))
