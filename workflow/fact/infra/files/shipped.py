"""Find the files that come with the library: Snakefile, rules, scripts, registries, profiles, small weights.

They lie in the repository beside the library, and in an installed package below it, with the same names.
"""

from pathlib import Path

from fact.infra.errors import MachineError

PACKAGE = Path(__file__).resolve().parents[2]
SNAKEFILE = "workflow/Snakefile"
PROFILES = "profiles/default"
SLURM = "slurm"


def workflow_folder(package: Path = PACKAGE) -> Path:
    """Return the folder that holds ``workflow/Snakefile``, ``config/`` and ``profiles/``, absolute.

    Raises MachineError for a library that was copied without them.
    """
    for folder in (package.parents[1], package / "_workflow"):
        if (folder / SNAKEFILE).is_file() and (folder / "config").is_dir():
            return folder
    raise MachineError(
        f"{package} came without its workflow; install it again: pip install --force-reinstall fact-workflow"
    )


def workflow_snakefile() -> str:
    """Return the path of the Snakefile, for a study that includes it or takes it as a module."""
    return str(workflow_folder() / SNAKEFILE)


def workflow_here() -> Path:
    """Return the current folder where it is a checkout of the workflow, else the folder that is shipped."""
    here = Path.cwd()
    is_checkout = (here / SNAKEFILE).is_file() and (here / "config/backbones.yaml").is_file()
    return here if is_checkout else workflow_folder()


def shipped_file(path: str) -> Path:
    """Return a file of the current folder or, where it has none of this name, the one that is shipped."""
    given = Path(path)
    if given.exists():
        return given
    shipped = workflow_folder() / given
    return shipped if shipped.exists() else given
