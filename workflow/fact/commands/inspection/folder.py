"""What a folder holds: a project, the results, a part of them."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from fact.commands.inspection.artifacts import find
from fact.commands.inspection.entry import Entry, size_text

PROJECT = "fact.yaml"
MODEL = ("model.safetensors", "config.json", "estimate.json")


def folder_entries(path: Path) -> Iterator[Entry]:
    """Yield what a folder is, and its files counted by what they are."""
    files = [file for file in sorted(path.rglob("*")) if file.is_file() and ".snakemake" not in file.parts]
    size = sum(file.stat().st_size for file in files)
    yield from _kind(path)
    yield Entry("size", {"files": len(files), "bytes": size}, f"{len(files)} files, {size_text(size)}")
    kinds = Counter(found.artifact.what if (found := find(file)) else "other files" for file in files)
    lines = "\n".join(f"  {count} × {what}" for what, count in kinds.most_common())
    yield Entry("holds", dict(kinds), lines)


def _kind(path: Path) -> Iterator[Entry]:
    if (path / PROJECT).is_file():
        text = f"a project: fact run {path} goes on with it, fact label {path} labels its images"
        yield Entry("what", text)
    elif all((path / name).is_file() for name in MODEL):
        yield from _model(path)


def _model(path: Path) -> Iterator[Entry]:
    from fact.infra.files.record import read_record

    config, estimate = read_record(path / "config.json"), read_record(path / "estimate.json")
    classes = config["classes"]
    yield Entry(
        "what", f"a model of {len(classes)} classes, recipe {config['recipe']}: fact predict {path} FOLDER"
    )
    if estimate["accuracy"] is not None:
        low, middle, high = (estimate[name] for name in ("low", "accuracy", "high"))
        text = f"accuracy: {100 * middle:.1f} % ({100 * low:.1f} to {100 * high:.1f}); README.md says of what"
        yield Entry("accuracy", {"accuracy": middle, "low": low, "high": high}, text)
