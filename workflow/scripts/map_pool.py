"""The pool in two dimensions, once for all selections from it."""

import pyarrow as pa
from fact.features.projection import project
from fact.features.store import read_features
from fact.infra.files.parquet import publish_parquet
from fact.infra.process.job import start_job
from fact.seeds import derive_seed

start_job(snakemake.log[0], snakemake.params.code)
pool = read_features(snakemake.input.features, expect={"split": "pool"})
points, method = project(pool.features, derive_seed("map", *snakemake.wildcards))
columns = {
    "sample_id": pool.sample_ids,
    "x": points[:, 0],
    "y": points[:, 1],
    "method": [method] * len(points),
}
publish_parquet(snakemake.output.map, pa.table(columns))
