"""A page of the images that are odd, as pictures."""

from pathlib import Path

from fact.data.contract import image_reader, load_source
from fact.data.image_reader import read_reading
from fact.data.images import Resize, picture
from fact.data.manifest import read_files
from fact.data.odd_images import odd_images
from fact.infra.files.publish import publish_text
from fact.infra.files.record import read_record
from fact.infra.process.job import start_job
from fact.selection.contact_sheet import THUMBNAIL, titled_sheet

start_job(snakemake.log[0], snakemake.params.code)
reading, source = read_reading(snakemake.params.settings), read_record(snakemake.input.source)
read = image_reader(load_source(reading.source), Path(source["root"]), reading.options)
resize = Resize(THUMBNAIL, transform=reading.transform)
found = odd_images(read_files(Path(snakemake.input.files)))
sections = {
    kind: {name: picture(resize, read(name), THUMBNAIL) for name in names} for kind, names in found.items()
}
title = "Images to look at before they are labelled" if sections else "No image is odd"
publish_text(Path(snakemake.output.page), titled_sheet(sections, title))
