"""Lay down a study: a folder of its own that runs the workflow that comes with the library."""

import shutil
from pathlib import Path

from fact.infra.errors import ConfigError
from fact.infra.files.publish import publish_text
from fact.infra.files.shipped import PROFILES, SLURM, workflow_folder

SNAKEFILE = """\
# A study with FACT. The workflow comes with the installed library, and is upgraded with it.
from fact.infra.files.shipped import workflow_snakefile


configfile: "config/config.yaml"


include: workflow_snakefile()


# an included file does not set the default target
workflow.default_target = "all_tables"
"""

CONFIG = """\
# What this study runs. Keys replace those of the registries: lists are replaced whole, mappings merged.
# The registries, every key commented: {registries}
run:
  # names from datasets.yaml, or declared below
  datasets: [digits]
  seeds: [0, 1, 2]
  # names from selectors.yaml and methods.yaml
  selectors: [random, activeft]
  methods: [LR-frozen, FF, FACT]
  # names from tables.yaml
  tables: [table1]

# a folder of images of your own, to be named under `datasets` above:
# datasets:
#   birds:
#     source: image_folder              # train/<class>/… and test/<class>/…; or pool/… without labels
#     root: /data/birds
#     options: {{}}
#     backbones: [vit_small_dino]
#     budgets: [50img, 1pct]
#     transform: crop
#     training: {{}}
#     recipes: {{}}
"""

IGNORED = "results/\n.snakemake/\n"


def lay_down_study(folder: Path) -> list[Path]:
    """Write a Snakefile, a configuration and profiles into a folder; return their paths.

    Raises ConfigError where one of them is there already: nothing is overwritten.
    """
    workflow = workflow_folder()
    texts = {
        "Snakefile": SNAKEFILE,
        "config/config.yaml": CONFIG.format(registries=workflow / "config"),
        ".gitignore": IGNORED,
    }
    copies = [path for name in (PROFILES, SLURM) for path in sorted((workflow / name).iterdir())]
    targets = [folder / name for name in texts]
    targets += [folder / path.relative_to(workflow) for path in copies]
    if taken := [path for path in targets if path.exists()]:
        raise ConfigError(f"{taken[0]} is there already; name a new folder, nothing is overwritten")
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        publish_text(folder / name, text)
    for path in copies:
        copy = folder / path.relative_to(workflow)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    return targets
