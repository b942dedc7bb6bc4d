"""Tables in parquet files that carry a checksum of their content; the same table gives the same bytes."""

import hashlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from fact.publish import publish
from fact.sealed import REMEDY, SEAL, existing


def publish_parquet(path: Path | str, table: pa.Table) -> None:
    """Publish a table, sealed, without the metadata by which pandas names its version."""
    sealed = table.replace_schema_metadata({SEAL: _sha256(table)})
    with publish(path) as temporary:
        pq.write_table(sealed, temporary, write_page_checksum=True)


def read_parquet(path: Path | str) -> pa.Table:
    """The table of a file written by :func:`publish_parquet`.

    Raises FileNotFoundError, and ValueError for a file that is damaged or of another kind.
    """
    path = existing(path)
    try:
        table = pq.read_table(path, page_checksum_verification=True)
        table.validate(full=True)
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"{path} is not a whole parquet file ({reason}); {REMEDY}") from error
    seal = (table.schema.metadata or {}).get(SEAL.encode())
    if seal != _sha256(table):
        raise ValueError(f"{path} was damaged or edited: it does not match its own checksum; {REMEDY}")
    return table.replace_schema_metadata(None)


def _sha256(table: pa.Table) -> bytes:
    """Checksum of names, types and values, however they are split into chunks."""
    digest = hashlib.sha256(str(table.replace_schema_metadata(None).schema).encode())
    for column in table.combine_chunks().columns:
        values = pa.concat_arrays(column.chunks) if column.chunks else pa.array([], column.type)
        # what lies under a missing value is arbitrary
        filled = values.fill_null(_blank(column.type))
        batch = pa.record_batch([values.is_valid(), filled], names=["", ""])
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, batch.schema) as stream:
            stream.write_batch(batch)
        digest.update(sink.getvalue())
    return digest.hexdigest().encode()


def _blank(kind: pa.DataType) -> pa.Scalar:
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    return pa.scalar("" if text else False if pa.types.is_boolean(kind) else 0, kind)
