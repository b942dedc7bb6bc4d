"""Take the images of each class whose propagated label is surest as pseudo-labels."""

from pathlib import Path

from fact.infra.files.record import publish_record
from fact.infra.process.job import start_job
from fact.tasks.classification.propagated import read_propagated

start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads)
settings = snakemake.params.settings
propagated = read_propagated(Path(snakemake.input.propagated))
taken = propagated.take(propagated.surest(settings["per_class"]))
content = {
    "sample_ids": taken.sample_ids,
    "labels": taken.labels.tolist(),
    "probabilities": [round(float(value), 6) for value in taken.probabilities],
}
about = {**dict(snakemake.wildcards.items()), **settings, "code_version": snakemake.params.code}
publish_record(snakemake.output.pseudo, {**about, **content})
