"""``config.json`` of a model's folder: read alone where nothing is computed, so without importing torch."""

from pathlib import Path

from fact.infra.errors import ArtifactError
from fact.infra.files.record import read_record

FORMAT, VERSION = "fact-model", 1
CONFIG = "config.json"


def read_config(folder: Path) -> dict:
    """Read ``config.json``. Raises FileNotFoundError, and ArtifactError for another kind of folder."""
    file = Path(folder) / CONFIG
    if not file.is_file():
        raise FileNotFoundError(f"{file} does not exist; a model is the folder that `snakemake model` wrote")
    config = read_record(file)
    if (config.get("format"), config.get("version")) != (FORMAT, VERSION):
        raise ArtifactError(f"{file} is no {FORMAT} of version {VERSION}; make the model again")
    return config
