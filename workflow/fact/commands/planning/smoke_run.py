"""Run the small cells of `fact smoke` in a folder of their own."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from fact.commands.options import settled
from fact.commands.planning.smoke_cells import smoke_overlay, smoke_targets
from fact.config.registries import read_overlay
from fact.infra.errors import MachineError
from fact.infra.files.publish import publish_text
from fact.infra.files.shipped import workflow_here
from fact.infra.process.cache_folder import with_cache

# what is fetched or indexed once, and is the same in both places
SHARED = ("sources", "weights", "datasets")


def run_smoke(configfiles: Sequence[Path], folder: Path, manner: Sequence[str]) -> list[Path]:
    """Run Snakemake on the small cells; returns the overlays that it was given, the shortening one last.

    Raises MachineError when jobs failed; their logs lie below ``folder``.
    """
    config = settled(list(configfiles))
    folder.mkdir(parents=True, exist_ok=True)
    _share(folder / "results")
    short = folder / "overlay.yaml"
    # JSON is YAML
    publish_text(short, json.dumps(smoke_overlay(config), indent=1) + "\n")
    overlays = [*(path.absolute() for path in configfiles if read_overlay(path)), short.absolute()]
    targets = smoke_targets(settled(overlays))
    here = workflow_here()
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(here / "workflow/Snakefile")]
    command += ["--directory", str(folder), *_absolute(manner), "--keep-going"]
    command += ["--configfile", *map(str, overlays), "--", *targets]
    environment = with_cache(os.environ, Path(".snakemake/cache").absolute())
    if subprocess.run(command, env=environment).returncode:
        raise MachineError(f"jobs of the smoke run failed; their logs are in {folder / 'results/logs'}")
    return overlays


def _share(results: Path) -> None:
    """Link what is downloaded and indexed into the results, so that it is there for the large run."""
    results.mkdir(exist_ok=True)
    for name in SHARED:
        shared = Path("results") / name
        shared.mkdir(parents=True, exist_ok=True)
        if not (results / name).exists():
            (results / name).symlink_to(shared.absolute())


def _absolute(manner: Sequence[str]) -> list[str]:
    """Return options with a profile of this folder by its whole path: Snakemake changes into another one."""
    return [str(Path(option).absolute()) if Path(option).is_dir() else option for option in manner]
