"""Check the budgets of a dataset against its pool; write down what they mean in images."""

import sys

from fact.data.manifest import read_manifest
from fact.plan import budget_size
from fact.record import publish_record

sys.stderr = open(snakemake.log[0], "w", buffering=1)  # noqa: SIM115

pool = int((read_manifest(snakemake.input.manifest)["split"] == "pool").sum())
publish_record(
    snakemake.output.sizes, {budget: budget_size(budget, pool) for budget in snakemake.params.budgets}
)
