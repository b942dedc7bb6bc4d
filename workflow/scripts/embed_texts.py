"""Class names or captions as vectors, by a CLIP text tower."""

from pathlib import Path

from fact.data.classes import read_classes
from fact.data.image_reader import split_rows
from fact.data.manifest import read_manifest
from fact.infra.process.job import start_job
from fact.selection.texts.captions import class_sentences, read_captions
from fact.selection.texts.embeddings import TextEmbeddings, write_embeddings
from fact.selection.texts.tower import TextTower

start_job(snakemake.log[0], snakemake.params.code)
settings, files = snakemake.params.settings, snakemake.input
if files.captions:
    pool = split_rows(read_manifest(files.manifest), "pool")
    kind, sentences = "image", read_captions(Path(files.captions[0]), list(pool["sample_id"]))
else:
    kind, sentences = "class", class_sentences(settings["template"], read_classes(files.classes))
texts = TextEmbeddings(kind, TextTower(settings["model"]).encode(sentences))
metadata = {**settings, "sentences": len(sentences), "code_version": snakemake.params.code}
write_embeddings(Path(snakemake.output.texts), texts, metadata)
