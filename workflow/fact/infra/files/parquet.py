"""Tables in parquet files that carry a checksum of all their bytes; the same table gives the same bytes."""

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

from fact.infra.errors import ArtifactError
from fact.infra.files.checksum import CHECKSUM, REMEDY, existing
from fact.infra.files.publish import publish

if TYPE_CHECKING:
    import pyarrow as pa

# what stands in the checksum's place while the file's checksum is taken
_PLACEHOLDER = b"sha256:" + b"0" * 64
_SEALED = re.compile(rb"sha256:[0-9a-f]{64}")


def publish_parquet(path: Path | str, table: "pa.Table") -> None:
    """Publish a table with its checksum, without the metadata by which pandas names its version."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    plain = table.replace_schema_metadata(None).combine_chunks()
    written = pa.BufferOutputStream()
    with pq.ParquetWriter(written, plain.schema) as writer:
        writer.write_table(plain)
        writer.add_key_value_metadata({CHECKSUM: _PLACEHOLDER.decode()})
    content = written.getvalue().to_pybytes()
    with publish(path) as temporary:
        temporary.write_bytes(_with_checksum(content, _digest(content)))


def read_parquet(path: Path | str) -> "pa.Table":
    """Return the table of a file written by :func:`publish_parquet`.

    Raises FileNotFoundError, and ArtifactError for a file that is damaged or of another kind.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = existing(path)
    content = path.read_bytes()
    result = _SEALED.findall(content)
    if not result or result[-1] != _digest(_with_checksum(content, _PLACEHOLDER)):
        raise ArtifactError(f"{path} was damaged or edited: it does not match its own checksum; {REMEDY}")
    return pq.read_table(pa.BufferReader(content)).replace_schema_metadata(None)


def _digest(unsealed: bytes) -> bytes:
    return b"sha256:" + hashlib.sha256(unsealed).hexdigest().encode()


def _with_checksum(content: bytes, checksum: bytes) -> bytes:
    """Return the file with another checksum; its place is the last match, in the footer behind all values."""
    *_, place = _SEALED.finditer(content)
    return content[: place.start()] + checksum + content[place.end() :]
