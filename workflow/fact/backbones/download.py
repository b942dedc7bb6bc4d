"""Fetch a published weights file, whole or not at all."""

import shutil
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from fact.infra.errors import DataError
from fact.infra.files.publish import publish


def download(url: str, folder: Path) -> Path:
    """Return the file of a URL in ``folder``; one that is there already, by its name, is not fetched again.

    Raises DataError naming the URL and the remedy when it cannot be reached or ends early.
    """
    path = folder / url.rpartition("/")[2]
    if path.is_file():
        return path
    with publish(path) as temporary:
        try:
            with urlopen(url, timeout=60) as answer, temporary.open("wb") as file:
                shutil.copyfileobj(answer, file)
                announced = answer.headers.get("Content-Length")
        except (URLError, OSError) as error:
            raise DataError(
                f"{url} could not be fetched ({error}); "
                f"run this where there is a network, or put the file at {path}"
            ) from error
        if announced and int(announced) != temporary.stat().st_size:
            raise DataError(
                f"{url} ended after {temporary.stat().st_size} of {announced} bytes; run this again"
            )
    return path
