"""Fetch a backbone's pretrained weights into its folder."""

import sys
from pathlib import Path

from fact.backbones.weights import fetch_weights
from fact.progress import say

sys.stderr = open(snakemake.log[0], "w", buffering=1)  # noqa: SIM115

spec = fetch_weights(
    snakemake.wildcards.backbone, snakemake.params.settings, Path(snakemake.output.weights).parent
)
say(f"{spec['architecture']}: sha256 {spec['weights_sha256']}")
