"""The header of a tensor file alone, read without torch and without its tensors."""

import json
from pathlib import Path

from fact.infra.errors import ArtifactError
from fact.infra.files.checksum import REMEDY, existing

HEADER = "fact"


def read_header(path: Path | str) -> dict:
    """Return the header of a file that :func:`fact.infra.files.tensors.publish_tensors` wrote, unchecked.

    Raises FileNotFoundError, and ArtifactError for a file of another kind.
    """
    path = existing(path)
    try:
        with path.open("rb") as file:
            content = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        return json.loads(content["__metadata__"][HEADER])
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise ArtifactError(f"{path} is no whole tensor file of this project ({error}); {REMEDY}") from error
