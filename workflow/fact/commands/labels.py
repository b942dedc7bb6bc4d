"""``fact labels``: hand out images to be labelled, take labels back."""

from pathlib import Path
from typing import Annotated

import typer

from fact.commands.errors import plain_errors

labels = typer.Typer(
    help="Hand out the chosen images to be labelled, and take the labels back.", no_args_is_help=True
)


@labels.command("export")
@plain_errors()
def export_(
    selection: Annotated[Path, typer.Argument(help="The selection (.csv).")],
    out: Annotated[Path, typer.Argument(help="A file for csv, else a folder.")],
    to: Annotated[str, typer.Option(help="csv, label-studio, fiftyone or folders.")] = "csv",
    images: Annotated[Path | None, typer.Option(help="The image folder, for fiftyone and folders.")] = None,
    classes: Annotated[Path | None, typer.Option(help="Class names, one per line, or classes.json.")] = None,
    served_as: Annotated[str, typer.Option(help="The image folder below Label Studio's document root.")] = "",
    copy: Annotated[bool, typer.Option("--copy", help="Copy images instead of linking them.")] = False,
) -> None:
    """Write a selection in the format of a labelling tool."""
    from fact.project.labels.declared_classes import declared_classes
    from fact.project.labels.export import HandOff, export_labels

    names = declared_classes(classes) if classes else []
    count = export_labels(selection, to, out, hand_off=HandOff(images, names, served_as, copy=copy))
    print(f"{count} images to label: {out}")


@labels.command("import")
@plain_errors()
def import_(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Tables, class folders, exports of Label Studio, CVAT, COCO, FiftyOne, Hugging Face."
        ),
    ],
    selection: Annotated[Path, typer.Option(help="The selection that was handed out.")],
    out: Annotated[Path, typer.Option(help="The labels to write (.csv).")],
    report: Annotated[
        list[Path] | None, typer.Option(help="A report (.md or .json); may be given twice.")
    ] = None,
    classes: Annotated[
        Path | None, typer.Option(help="Class names, one per line. Without it every label is a class.")
    ] = None,
    manifest: Annotated[
        Path | None, typer.Option(help="manifest.parquet: use labels of its other images too.")
    ] = None,
    conflicts: Annotated[
        str, typer.Option(help="Where annotators disagree: majority, or leave the image out.")
    ] = "majority",
) -> None:
    """Join labels to a selection by sample id, and report what became of every one."""
    from collections import Counter

    from fact.project.labels.import_labels import Asked, import_labels

    result = import_labels(
        files, Asked(selection, manifest, classes, policy=conflicts), out, reports=report or []
    )
    for outcome, count in Counter(outcome for _, outcome in result.outcomes).most_common():
        print(f"{count:6} {outcome}")
    print(f"{len(result.labels)} images with a label, {len(result.missing)} of the selection without: {out}")
