"""Small pictures of what was picked, and of test images that were taken for another class."""

import logging
from pathlib import Path

from fact.backbones.spec import read_spec
from fact.data.image_reader import ImageReader, read_reading
from fact.data.manifest import read_manifest
from fact.data.selection_file import read_selection
from fact.infra.errors import FactError
from fact.infra.files.data_uri import data_uri
from fact.infra.files.record import read_record
from fact.infra.process.job import start_job
from fact.report.pictures import QUALITY, SIDE, most_of_each, pictured, write_pictures
from PIL import Image

start_job(snakemake.log[0], snakemake.params.code)
files, settings = snakemake.input, snakemake.params.settings
manifest = read_manifest(files.manifest)
tested = list(manifest["sample_id"][manifest["split"] == "test"])
picks = [read_selection(Path(path)) for path in files.get("selections", [])]
records = (read_record(path) for path in files.get("records", []))
wanted = pictured(picks, records, tested, most_of_each(settings["datasets"]))
rows = manifest.set_index("sample_id", drop=False).loc[wanted]
reading, spec = read_reading(settings["reading"]), read_spec(Path(files.spec).parent)
try:
    reader = ImageReader(read_record(files.source), reading, spec, workers=snakemake.threads)
    shown = [Image.fromarray(picture.pixels) for picture in reader.whole(rows, SIDE)] if wanted else []
except (FactError, OSError) as error:
    # features and scores are there without the images: so is the page
    logging.getLogger(__name__).warning("no pictures in the report: %s", error)
    wanted, shown = [], []
addresses = [data_uri(image, "WEBP", quality=QUALITY, method=6) for image in shown]
write_pictures(snakemake.output.pictures, dict(zip(wanted, addresses, strict=True)))
