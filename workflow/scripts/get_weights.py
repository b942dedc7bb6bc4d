"""Fetch a backbone's pretrained weights into its folder."""

from pathlib import Path

from fact.backbones.weights import fetch_weights
from fact.infra.process.job import start_job
from fact.infra.process.progress import log

start_job(snakemake.log[0], snakemake.params.code)
spec = fetch_weights(
    snakemake.params.settings["name"], snakemake.params.settings, Path(snakemake.output.weights).parent
)
log(f"{spec['architecture']}: sha256 {spec['weights_sha256']}")
