"""Index a source into manifest.parquet, problems.csv, files.csv and classes.json."""

from pathlib import Path

from fact.config.budget import budget_size
from fact.data.contract import build_index, load_source
from fact.data.manifest import write_manifest
from fact.infra.files.record import read_record
from fact.infra.process.job import start_job
from fact.infra.process.progress import log

start_job(snakemake.log[0], snakemake.params.code)
settings = snakemake.params.settings
root = read_record(snakemake.input.source)["root"]
source = load_source(settings["source"])
index = build_index(source, Path(root) if root else None, settings["options"], workers=snakemake.threads)
pool = int((index.rows["split"] == "pool").sum())
for budget in snakemake.params.budgets:
    budget_size(budget, pool)
write_manifest(Path(snakemake.output.manifest).parent, index)
log(f"{len(index.rows)} images, {len(index.classes)} classes, {len(index.problems)} problems")
