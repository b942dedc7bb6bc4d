"""Fetch a published file: whole or not at all, with retries, and from where an earlier attempt ended.

pooch retries, checks the hash and publishes the file by a rename. It cannot go on after an interruption,
which matters for the 2.6 GB of FGVC-Aircraft.
"""

import math
import os
import shutil
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import url2pathname

from fact.infra.errors import DataError
from fact.infra.process.progress import track

if TYPE_CHECKING:
    from pooch import Pooch
    from requests import Response

ATTEMPTS = 4
CHUNK = 2**20
SECONDS_WITHOUT_DATA = 60


def download(url: str, folder: Path, known_hash: str | None = None, attempts: int = ATTEMPTS) -> Path:
    """Return the file of a URL in ``folder``; one that is there with this hash is not fetched again.

    ``known_hash`` is ``sha256:…`` or ``md5:…``; without it any content is taken. Attempts are seconds apart.
    Raises DataError naming the URL and the remedy when it cannot be fetched, ends early or has another hash.
    """
    import pooch
    from requests import RequestException

    name = url.rpartition("/")[2]
    place = pooch.create(
        folder, base_url="", registry={name: known_hash}, urls={name: url}, retry_if_failed=attempts - 1
    )
    pooch.get_logger().setLevel("WARNING")
    try:
        return Path(place.fetch(name, downloader=_fetch))
    except (RequestException, ValueError, OSError) as error:
        raise DataError(
            f"{url} could not be fetched ({error}); run this where there is a network, the download goes on "
            f"where it ended, or put the file at {folder / name}"
        ) from error


def download_and_unpack(url: str, folder: Path, known_hash: str | None = None) -> None:
    """Fetch an archive and unpack it in the folder, nothing outside of it. Raises DataError."""
    try:
        shutil.unpack_archive(download(url, folder, known_hash), folder, filter="data")
    except (shutil.ReadError, tarfile.TarError, EOFError) as error:
        name = url.rpartition("/")[2]
        raise DataError(
            f"{folder / name} cannot be unpacked ({error}); delete it and run this again"
        ) from error


def _fetch(url: str, output: str, place: "Pooch") -> None:
    """Write the content of a URL to ``output``; what is interrupted stays beside it, for the next attempt."""
    part = Path(place.path) / f".{url.rpartition('/')[2]}.part"
    if url.startswith("file://"):
        part.write_bytes(Path(url2pathname(url.removeprefix("file://"))).read_bytes())
    else:
        _fetch_rest(url, part)
    os.replace(part, output)


def _fetch_rest(url: str, part: Path) -> None:
    """Append to ``part`` what it lacks; begin again where the server has another file by now."""
    import requests

    version = part.with_name(f"{part.name}.version")
    headers = {"Accept-Encoding": "identity"}
    if part.is_file() and version.is_file():
        headers |= {"Range": f"bytes={part.stat().st_size}-", "If-Range": version.read_text("utf-8")}
    with requests.get(url, headers=headers, stream=True, timeout=SECONDS_WITHOUT_DATA) as answer:
        answer.raise_for_status()
        goes_on = answer.status_code == requests.codes.partial_content
        start = part.stat().st_size if goes_on else 0
        version.unlink(missing_ok=True)
        # without one of these a server cannot say whether its file is still the same
        if named := answer.headers.get("ETag") or answer.headers.get("Last-Modified"):
            version.write_text(named, "utf-8")
        _append(answer, part, start)
    version.unlink(missing_ok=True)


def _append(answer: "Response", part: Path, start: int) -> None:
    from requests import ConnectionError

    announced = int(answer.headers.get("Content-Length", 0))
    name = part.name.removeprefix(".").removesuffix(".part")
    with part.open("ab" if start else "wb") as file:
        for chunk in track(answer.iter_content(CHUNK), math.ceil(announced / CHUNK), f"fetching {name}"):
            file.write(chunk)
    if announced and part.stat().st_size != start + announced:
        raise ConnectionError(f"ended after {part.stat().st_size} of {start + announced} bytes")
