"""Small pictures of what was picked, and of test images that were taken for another class."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from fact.backbones.spec import read_spec
from fact.data.image_reader import ImageReader, read_reading
from fact.data.manifest import read_manifest
from fact.data.selection_file import read_selection
from fact.infra.files.record import read_record
from fact.infra.process.job import start_job
from fact.report.pictures import SIDE, most_of_each, pictured, small_pictures, write_pictures

start_job(snakemake.log[0], snakemake.params.code)
files, settings = snakemake.input, snakemake.params.settings
manifest = read_manifest(files.manifest)
tested = list(manifest["sample_id"][manifest["split"] == "test"])
picks = [read_selection(Path(path)) for path in files.get("selections", [])]
records = (read_record(path) for path in files.get("records", []))
wanted = pictured(picks, records, tested, most_of_each(settings["datasets"]))
rows = manifest.set_index("sample_id", drop=False).loc[wanted]
reading, spec = read_reading(settings["reading"]), read_spec(Path(files.spec).parent)


def images() -> Iterable[np.ndarray]:
    """Return the pixels of each picture, its longer side at SIDE at most."""
    reader = ImageReader(read_record(files.source), reading, spec, workers=snakemake.threads)
    return (picture.pixels for picture in reader.whole(rows, SIDE)) if wanted else ()


write_pictures(snakemake.output.pictures, small_pictures(wanted, images))
