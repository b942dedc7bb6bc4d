"""The configuration of a project as text: every key with a comment, ready to be edited."""

import re
from pathlib import Path
from typing import NamedTuple

import yaml

from fact.config.declared import Entries
from fact.config.key_text import known_names
from fact.config.weights_source import LOCAL_DIR
from fact.infra.errors import ConfigError
from fact.infra.files.shipped import workflow_snakefile
from fact.project.folder import CONFIG, LABELS, absolute
from fact.project.shown import shown

DATASET = "own"

TEMPLATE = """\
# Own images: which of them to label, then a model. Made by `fact new`, yours to edit; `fact run` follows it.
# Relative paths are relative to this folder, which may be moved. All else that can be set stands in the files
# of config/ and may be set here too. With Snakemake's options:
#   snakemake --snakefile {snakefile} --directory {folder} --configfile {config} -- TARGET
run:
  datasets: [{dataset}]
  # how images are chosen; others are in config/selectors.yaml
  selectors: [activeft]
  # rows of a table, where there is a test folder: config/methods.yaml
  methods: [LR-frozen, FACT]
  # a seed is a selection and a training of its own
  seeds: [0]
  tables: [table1]

datasets:
  {dataset}:
    source: own_images
    # every image below this folder, at any depth; names of folders mean nothing, exact copies count once
    root: {images}
    options:
      # labelled images to measure on, in class folders <class>/...; null: none. They are never chosen
      test: {test}
      # turn photographs the way their EXIF says
      exif: true
      # images larger than this are listed, not read
      max_pixels: 178956970
      # copies but for their bytes (stored again, scaled) count once, and share the label of one
      near_copies: true
      # what is said of images that are used, in files.csv
      look_for: [dark, bright, blurred, tiny, odd shape]
    # the pretrained network; see `fact backbones`, and `backbones` below
    backbones: [{backbone}]
    # how many images to label: 100img, or a share such as 1pct
    budgets: [{budget}]
    # how an image becomes a square: crop (shorter side, then centre) or squash (the whole image)
    transform: crop
    # the labels that came back; `fact run` writes them, or put your own list here (sample_id,label)
    labels: {labels}
    # images that were labelled before; the selection goes on from them, and the budget is on top
    already_labelled: {before}
    # images that belong together, as frames of a video or photographs of one thing, patient or place do: they
    # are never on both sides of a fold. folder, a regular expression whose parentheses name the group, such
    # as '^(track\\d+)_', or FILE.csv:COLUMN; null: every image is independent
    groups: {groups}
    # whether about as many images of each group are chosen
    spread_over_groups: false
    # overrides of config/recipes.yaml
    training: {{}}
    recipes: {{}}
"""

MORE = """\
# A further round, made by `fact more`; it comes after fact.yaml and replaces these keys of it.
datasets:
  {dataset}:
    # how many images to label on top
    budgets: [{budget}]
    # labelled in earlier rounds: the selection goes on from them, and they stay in the training
    already_labelled: {before}
"""

AUDIT = """\
# The audit that stands, made by `fact audit`. Its images are not trained on; fact audit FOLDER --end ends it
datasets:
  {dataset}:
    # images drawn at random from the unlabelled pool, and their labels
    audit: {audit}
"""

BACKBONES = """
backbones:
"""


class Asked(NamedTuple):
    """The options of `fact new`. Paths are absolute; ``backbone``: a declared name, or local-dir:FOLDER."""

    images: Path
    budget: str
    backbone: str
    image_size: int | None
    test: Path | None
    already_labelled: Path | None
    labels: Path | None = None
    groups: str | None = None


def config_text(folder: Path, asked: Asked, declared: Entries) -> str:
    """Return the text of ``fact.yaml``; ``declared``: the backbones of the registry."""
    name, entry = backbone_entry(asked.backbone, asked.image_size, declared)
    text = TEMPLATE.format(
        snakefile=shown(Path(workflow_snakefile())),
        folder=shown(folder),
        config=shown(folder / CONFIG),
        dataset=DATASET,
        images=_scalar(_below(folder, asked.images)),
        test=_scalar(asked.test and _below(folder, asked.test)),
        backbone=_scalar(name),
        budget=_scalar(asked.budget),
        labels=_scalar(LABELS),
        groups=_scalar(asked.groups),
        before=_scalar(asked.already_labelled and _below(folder, asked.already_labelled)),
    )
    if not entry:
        return text
    own = yaml.safe_dump({name: entry}, allow_unicode=True, sort_keys=False, width=10_000)
    return text + BACKBONES + "".join(f"  {line}\n" for line in own.splitlines())


def _below(folder: Path, path: Path) -> Path:
    """Return a path as the configuration has it: relative where it lies in the project, which may move."""
    return path.relative_to(folder) if path.is_relative_to(folder) else path


def more_text(dataset: str, budget: str, before: str) -> str:
    """Return the text of ``more.yaml``."""
    return MORE.format(dataset=_scalar(dataset), budget=_scalar(budget), before=_scalar(before))


def audit_text(dataset: str, audit: str) -> str:
    """Return the text of ``audit.yaml``."""
    return AUDIT.format(dataset=_scalar(dataset), audit=_scalar(audit))


def backbone_entry(asked: str, image_size: int | None, declared: Entries) -> tuple[str, dict]:
    """Return the name of a backbone, and what the overlay must say of it.

    Raises FileNotFoundError for a local folder without its files, ConfigError for a name that is not
    declared.
    """
    size = {} if image_size is None else {"image_size": image_size}
    if asked.startswith(LOCAL_DIR):
        folder = absolute(Path(asked.removeprefix(LOCAL_DIR)).expanduser())
        return _local_name(folder, declared), {**_local_entry(folder), **size}
    if asked not in declared:
        known = known_names(asked, sorted(declared), "declared are")
        raise ConfigError(f"--backbone {asked}: {known}; a local timm folder is local-dir:FOLDER")
    return asked, size


def _local_entry(folder: Path) -> dict:
    for name in ("config.json", "model.safetensors"):
        if not (folder / name).is_file():
            raise FileNotFoundError(
                f"{folder / name} is not there; a local timm folder has config.json and model.safetensors"
            )
    null = dict.fromkeys(("weights", "sha256", "mean", "std", "interpolation", "pretrain"))
    return {"model": f"{LOCAL_DIR}{folder}", "model_args": {}, "image_size": None, **null, "training": {}}


def _local_name(folder: Path, declared: Entries) -> str:
    """Return a name for paths, and none that the registry has."""
    name = re.sub(r"[^A-Za-z0-9_.+-]+", "_", folder.name).lstrip("._+-") or "local"
    return f"{name}_local" if name in declared else name


def _scalar(value: object) -> str:
    """Return the value as YAML writes it in double quotes, on one line."""
    if value is None:
        return "null"
    return yaml.safe_dump(str(value), default_style='"', allow_unicode=True, width=10_000_000).strip()
