"""Fetch a backbone's pretrained weights into its folder."""

from pathlib import Path

from fact.backbones.spec import read_declared
from fact.backbones.weights import fetch_weights
from fact.infra.process.job import start_job
from fact.infra.process.progress import log

start_job(snakemake.log[0], snakemake.params.code)
settings = snakemake.params.settings
spec = fetch_weights(read_declared(settings["name"], settings), Path(snakemake.output.weights).parent)
log(f"{spec.architecture}: sha256 {spec.weights_sha256}")
