"""The chosen recipe on all labels: the model, calibrated, with adapters merged."""

from pathlib import Path

from fact.backbones.spec import read_spec
from fact.data.grouping import names_of_groups
from fact.infra.files.record import read_record
from fact.infra.process.job import start_job
from fact.infra.process.made_by import publish_made_by
from fact.model.deliver import deliver, preprocessing
from fact.model.labelled import labelled_of, read_labelled
from fact.model.phases import fit_phases, read_phases
from fact.model.pool_files import read_pool_part
from fact.seeds import derive_seed
from fact.training.computing import resumable

device = start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads, gpu=True)
settings, names, files = snakemake.params.settings, snakemake.wildcards, snakemake.input
weights, resume = Path(files.weights).parent, snakemake.params.resume
spec = read_spec(weights)
assessment = read_record(files.assessment)
rows, classes = labelled_of(files.manifest, files.classes, files.labels)
groups = names_of_groups(list(rows["sample_id"]), files.groups)
data = read_labelled(
    rows, classes, files.source, settings=settings, spec=spec, workers=snakemake.threads, groups=groups
)
phases = read_phases(settings["phases"][assessment["recipe"]])
seed = derive_seed("model", names.dataset, names.backbone, settings["seed"], "all")
resume = {**resume, "path": f"{resume['path']}.resume.safetensors"}
pool = read_pool_part(files, settings, spec, frozen=phases.recipe is None) if assessment["pool"] else None
with resumable(device, seed, resume, code=snakemake.params.code) as computing:
    fitted = fit_phases(weights, data, phases, computing=computing, pool=pool)
metadata = {**dict(names.items()), "code_version": snakemake.params.code}
metadata["preprocessing"] = preprocessing(spec, settings)
folder = Path(snakemake.output.config).parent
deliver(folder, fitted, phases, data=data, classes=classes, assessment=assessment, metadata=metadata)
publish_made_by(snakemake.output.made_by)
computing.resume.discard()
