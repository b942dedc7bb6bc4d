"""Find or download a source's folder; write down where it is."""

from pathlib import Path

from fact.data.fetching import fetch_source
from fact.infra.process.job import start_job

start_job(snakemake.log[0], snakemake.params.code)
fetch_source(snakemake.wildcards.dataset, snakemake.params.settings, Path(snakemake.output.source))
