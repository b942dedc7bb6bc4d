"""Say which images of the pool and of the test set belong together."""

from pathlib import Path

from fact.data.grouping import group_images, read_table, write_groups
from fact.data.manifest import read_manifest
from fact.infra.process.job import start_job
from fact.infra.process.progress import log

start_job(snakemake.log[0], snakemake.params.code)
settings, files = snakemake.params.settings, snakemake.input
names = list(read_manifest(files.manifest)["sample_id"])
groups = settings["groups"]
table = read_table(Path(files.table[0]), groups.rpartition(":")[2]) if files.table else None
found = group_images(names, groups, table)
log(f"{len(set(found.values()))} groups of {len(found)} images; {len(names) - len(found)} are in none")
write_groups(Path(snakemake.output.groups), found)
