"""A contact sheet of the newly chosen images, with the map of the pool."""

from pathlib import Path

from fact.backbones.spec import read_spec
from fact.data.image_reader import ImageReader, read_reading
from fact.data.manifest import read_manifest
from fact.data.selection_file import chosen_rows, read_selection
from fact.infra.files.parquet import read_parquet
from fact.infra.files.publish import publish_text
from fact.infra.files.record import read_record
from fact.infra.process.job import start_job
from fact.selection.contact_sheet import SHOWN, THUMBNAIL, contact_sheet

start_job(snakemake.log[0], snakemake.params.code)
files, names = snakemake.input, snakemake.wildcards
picks = chosen_rows(
    read_manifest(files.manifest), read_selection(Path(files.selection)), Path(files.selection)
)
picks["rank"] = range(1, len(picks) + 1)
picks = picks.iloc[read_record(files.record)["already_labelled"] :]
settings = snakemake.params.settings
spec = read_spec(Path(files.spec).parent)
reader = ImageReader(read_record(files.source), read_reading(settings), spec, workers=snakemake.threads)
images = list(reader.whole(picks.head(SHOWN), THUMBNAIL))
points = read_parquet(files.map).to_pandas().set_index("sample_id")
chosen = points.index.get_indexer(picks["sample_id"])
measures = {
    key: round(value, 4) if isinstance(value, float) else value
    for key, value in read_record(files.measures).items()
    if key not in ("code_version", "content_sha256", "beside")
}
facts = {**dict(names.items()), **measures, "map": points["method"].iloc[0]}
title = f"{len(picks)} images of {names.dataset} chosen by {names.selector}"
html = contact_sheet(picks, images, points[["x", "y"]].to_numpy(), chosen=chosen, facts=facts, title=title)
publish_text(snakemake.output.sheet, html)
