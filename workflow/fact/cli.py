"""The command ``fact``. Commands import what they need when they run, so that ``fact --help`` is quick."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from fact.parameters import BackboneRow, RecipeRow

app = typer.Typer(
    help="Choose which images to label, then finetune in three phases.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Print an error that the user can mend as one line on stderr and exit with status 1."""
    try:
        yield
    except (FileNotFoundError, IsADirectoryError, PermissionError, ValueError) as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        raise typer.Exit(1) from None


@app.command()
@plain_errors()
def inspect(
    file: Annotated[
        Path, typer.Argument(help="Features (.h5), selection (.csv), score (.json) or .parquet.")
    ],
    plot: Annotated[Path | None, typer.Option(help="Also draw a features file into this PNG.")] = None,
    selection: Annotated[Path | None, typer.Option(help="Mark these chosen images in the plot.")] = None,
    classes: Annotated[Path | None, typer.Option(help="classes.json of the dataset, to name labels.")] = None,
) -> None:
    """Describe a file that the workflow wrote and check that it is whole."""
    from fact.inspect import describe

    if plot is not None and file.suffix != ".h5":
        raise ValueError(f"{file}: only a features file (.h5) can be drawn; leave out --plot")
    if selection is not None and plot is None:
        raise ValueError(f"--selection {selection} marks images in a plot; add --plot FILE.png")
    print(describe(file, classes))
    if plot is not None:
        from fact.feature_map import plot_features

        plot_features(file, plot, selection)
        print(f"plot: {plot}")


@app.command()
@plain_errors()
def doctor(
    results: Annotated[Path, typer.Option(help="Folder that results go to.")] = Path("results"),
) -> None:
    """Say what this machine offers and lacks; exit with status 1 when something must be mended."""
    from fact.doctor import report

    findings = report(results)
    width = max(len(finding.item) for finding in findings)
    for finding in findings:
        print(f"{finding.status:<4}  {finding.item:<{width}}  {finding.value}")
        if finding.remedy:
            print(f"{'':<4}  {'':<{width}}  -> {finding.remedy}")
    if any(finding.status == "fail" for finding in findings):
        raise typer.Exit(1)


Config = Annotated[Path, typer.Option(help="Folder of the registries.")]
ConfigFile = Annotated[Path | None, typer.Option(help="Overlay whose keys replace those of the registries.")]
Results = Annotated[Path, typer.Option(help="Folder that results go to.")]


@app.command()
@plain_errors()
def backbones(
    name: Annotated[str | None, typer.Argument(help="Also what each recipe trains of this one.")] = None,
    classes: Annotated[int, typer.Option(min=1, help="Classes of the head that a recipe trains.")] = 10,
    config: Config = Path("config"),
    configfile: ConfigFile = None,
) -> None:
    """List the declared backbones: parameters, pooled vector, token grid, licence."""
    from fact.parameters import backbone_row, recipe_rows

    declared = _registries(config, configfile)
    chosen = _chosen(declared["backbones"], [name] if name else [])
    rows = [_backbone_cells(backbone_row(key, entry)) for key, entry in chosen.items()]
    _print_columns([("backbone", "parameters", "image", "pooled", "tokens", "licence"), *rows])
    if name:
        print(f"\nrecipes on {name} with {classes} classes:")
        recipes = recipe_rows(name, chosen[name], declared["recipes"], classes)
        _print_columns([("recipe", "trained", "share"), *map(_recipe_cells, recipes)])


@app.command()
@plain_errors()
def select(
    features: Annotated[Path, typer.Argument(help="Features of the pool (.h5).")],
    out: Annotated[Path, typer.Argument(help="The selection to write (.csv).")],
    budget: Annotated[str, typer.Option(help="How many images: 100img or 0.5pct.")],
    selector: Annotated[str, typer.Option(help="A selector of config/selectors.yaml.")] = "activeft",
    seed: Annotated[int, typer.Option(min=0)] = 0,
    already_labelled: Annotated[
        Path | None, typer.Option(help="A CSV with a column sample_id; the selection goes on from these.")
    ] = None,
    near_duplicates: Annotated[
        float | None, typer.Option(help="Cosine from which on an image is a copy of another, such as 0.95.")
    ] = None,
    config: Config = Path("config"),
    configfile: ConfigFile = None,
) -> None:
    """Select from a features file alone: which images to label, or which to label next."""
    from fact.selecting import select_from_file

    settings = dict(_chosen(_registries(config, configfile)["selectors"], [selector], "selector")[selector])
    if near_duplicates is not None:
        settings["near_duplicates"] = near_duplicates
    count = select_from_file(features, out, selector, settings, budget, seed, already_labelled)
    print(f"{count} images: {out}")


@app.command()
@plain_errors()
def plan(
    targets: Annotated[list[str] | None, typer.Argument(help="Tables, datasets or files.")] = None,
    configfile: Annotated[
        list[Path] | None, typer.Option(help="An overlay; may be given more than once.")
    ] = None,
    rates: Annotated[
        Path | None, typer.Option(help="Rates that `fact rates` wrote; else from the results here.")
    ] = None,
    results: Results = Path("results"),
) -> None:
    """Say how many jobs, hours and bytes a run will take; what is up to date takes none."""
    from fact.planning.estimate import estimate, report
    from fact.planning.jobs import planned_jobs
    from fact.planning.rates import measure_rates, read_rates
    from fact.planning.sizes import Sizes

    sizes = Sizes(_settled(configfile or []), results)
    known = read_rates(rates) if rates else measure_rates(sizes)
    jobs = planned_jobs(targets or ["all_tables"], configfile or [])
    print("\n".join(report(estimate(jobs, sizes, known), known)))


@app.command()
@plain_errors()
def rates(
    out: Annotated[Path, typer.Argument(help="The record to write (.json).")],
    configfile: Annotated[
        list[Path] | None, typer.Option(help="The overlays of the run that was measured.")
    ] = None,
    results: Results = Path("results"),
) -> None:
    """Write down how long a unit of each kind of work took, for `fact plan` elsewhere."""
    from fact.planning.rates import measure_rates, write_rates
    from fact.planning.sizes import Sizes

    found = measure_rates(Sizes(_settled(configfile or []), results))
    write_rates(out, found)
    print(f"{len(found.rates)} rates, measured on {found.device}: {out}")


labels = typer.Typer(
    help="Hand out the chosen images to be labelled, and take the labels back.", no_args_is_help=True
)
app.add_typer(labels, name="labels")


@labels.command("export")
@plain_errors()
def export_(
    selection: Annotated[Path, typer.Argument(help="The selection (.csv).")],
    out: Annotated[Path, typer.Argument(help="A file for csv, else a folder.")],
    to: Annotated[str, typer.Option(help="csv, label-studio, fiftyone or folders.")] = "csv",
    images: Annotated[Path | None, typer.Option(help="The image folder, for fiftyone and folders.")] = None,
    classes: Annotated[Path | None, typer.Option(help="Class names, one a line, or classes.json.")] = None,
    served_as: Annotated[str, typer.Option(help="The image folder below Label Studio's document root.")] = "",
    copy: Annotated[bool, typer.Option("--copy", help="Copy images instead of linking them.")] = False,
) -> None:
    """Write a selection in the format of whoever labels."""
    from fact.labels.classes import declared_classes
    from fact.labels.exporting import HandOff, export_labels

    names = declared_classes(classes) if classes else []
    count = export_labels(selection, to, out, HandOff(images, names, served_as, copy))
    print(f"{count} images to label: {out}")


@labels.command("import")
@plain_errors()
def import_(
    files: Annotated[
        list[Path], typer.Argument(help="Tables, Label Studio or FiftyOne exports, class folders.")
    ],
    selection: Annotated[Path, typer.Option(help="The selection that was handed out.")],
    out: Annotated[Path, typer.Option(help="The labels to write (.csv).")],
    report: Annotated[
        list[Path] | None, typer.Option(help="A report (.md or .json); may be given twice.")
    ] = None,
    classes: Annotated[
        Path | None, typer.Option(help="Class names; without it every label is a class.")
    ] = None,
    manifest: Annotated[
        Path | None, typer.Option(help="manifest.parquet: use labels of its other images too.")
    ] = None,
    conflicts: Annotated[
        str, typer.Option(help="Annotators disagree: majority, or leave the image out.")
    ] = "majority",
) -> None:
    """Join labels to a selection by sample id, and report what became of every one."""
    from collections import Counter

    from fact.labels.importing import Asked, import_labels

    found = import_labels(files, Asked(selection, manifest, classes, conflicts), out, report or [])
    for outcome, count in Counter(outcome for _, outcome in found.outcomes).most_common():
        print(f"{count:6} {outcome}")
    print(f"{len(found.labels)} images with a label, {len(found.missing)} of the selection without: {out}")


weights = typer.Typer(help="Fetch backbones' pretrained weights, and check them.", no_args_is_help=True)
app.add_typer(weights, name="weights")


@weights.command()
@plain_errors()
def get(
    name: Annotated[str, typer.Argument(help="A backbone of config/backbones.yaml.")],
    results: Results = Path("results"),
    config: Config = Path("config"),
    configfile: ConfigFile = None,
) -> None:
    """Fetch a backbone's weights where there is a network, such as a login node, and check them."""
    from fact.backbones.weights import fetch_weights

    entry = _chosen(_registries(config, configfile)["backbones"], [name])[name]
    if entry["pretrain"]:
        raise ValueError(f"backbones.{name} is pretrained here, not fetched; run rule pretrain_backbone")
    spec = fetch_weights(name, entry, results / "weights" / name)
    print(f"{name}: {spec['architecture']}, sha256 {spec['weights_sha256']}")


@weights.command()
@plain_errors()
def check(
    names: Annotated[list[str] | None, typer.Argument(help="Backbones; all declared ones without.")] = None,
    results: Results = Path("results"),
    config: Config = Path("config"),
    configfile: ConfigFile = None,
) -> None:
    """Check fetched weights as a job would; exit with status 1 when one is damaged, or named and absent."""
    from fact.backbones.fetched import check_weights

    chosen = _chosen(_registries(config, configfile)["backbones"], names or [])
    found = [check_weights(name, results / "weights" / name) for name in chosen]
    _print_columns(found)
    if any(row.status == "damaged" or (names and row.status == "absent") for row in found):
        raise typer.Exit(1)


data = typer.Typer(help="Fetch datasets, and check them.", no_args_is_help=True)
app.add_typer(data, name="data")


@data.command("get")
@plain_errors()
def get_dataset(
    name: Annotated[str, typer.Argument(help="A dataset of config/datasets.yaml.")],
    results: Results = Path("results"),
    config: Config = Path("config"),
    configfile: ConfigFile = None,
) -> None:
    """Fetch a dataset where there is a network, such as a login node, or find its folder; then check it."""
    from fact.data.fetching import fetch_source

    entry = _chosen(_registries(config, configfile)["datasets"], [name], "dataset")[name]
    fetch_source(name, entry, results / "sources" / name / "source.json")
    _print_checks({name: entry}, results, named=True)


@data.command("check")
@plain_errors()
def check_datasets(
    names: Annotated[list[str] | None, typer.Argument(help="Datasets; all declared ones without.")] = None,
    results: Results = Path("results"),
    config: Config = Path("config"),
    configfile: ConfigFile = None,
) -> None:
    """Count images and classes, compare checksums; status 1 for one damaged, or named and absent."""
    chosen = _chosen(_registries(config, configfile)["datasets"], names or [], "dataset")
    _print_checks(chosen, results, named=bool(names))


def _print_checks(entries: dict, results: Path, *, named: bool) -> None:
    import os

    from fact.data.checking import check_dataset

    workers = len(os.sched_getaffinity(0))
    found = [check_dataset(name, entry, results, workers) for name, entry in entries.items()]
    _print_columns(found)
    if any(row.status == "damaged" or (named and row.status == "absent") for row in found):
        raise typer.Exit(1)


def _settled(configfiles: Sequence[Path]) -> dict:
    """The whole configuration as the workflow has it, config/config.yaml and overlays included."""
    import yaml

    from fact.config import settle
    from fact.registries import merge, with_registries

    folder, merged = Path("config"), {}
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {folder}; run this in the repository")
    for path in (folder / "config.yaml", *configfiles):
        merged = merge(merged, yaml.safe_load(path.read_text("utf-8")) or {})
    return settle(with_registries(merged, folder), Path("workflow/schemas/config.schema.yaml"))


def _registries(config: Path, configfile: Path | None) -> dict:
    import yaml

    from fact.registries import with_registries

    if not config.is_dir():
        raise FileNotFoundError(f"there is no folder {config}; run this in the repository, or give --config")
    return with_registries(yaml.safe_load(configfile.read_text("utf-8")) if configfile else {}, config)


def _chosen(declared: dict, names: list[str], kind: str = "backbone") -> dict:
    """The entries of these names, or all."""
    unknown = [name for name in names if name not in declared]
    if unknown:
        raise ValueError(f"{kind} '{unknown[0]}' is not declared; known are {', '.join(sorted(declared))}")
    return {name: declared[name] for name in names or declared}


def _backbone_cells(row: "BackboneRow") -> tuple[str, ...]:
    tokens = "×".join(map(str, row.tokens)) if row.tokens else "none"
    sizes = (f"{row.parameters:,}", str(row.image_size), str(row.pooled), tokens)
    return (row.name, *sizes, row.license or "not stated")


def _recipe_cells(row: "RecipeRow") -> tuple[str, ...]:
    if row.refusal:
        return (row.name, "-", row.refusal)
    return (row.name, f"{row.trainable:,}", f"{100 * row.trainable / row.total:.2f} %")


def _print_columns(rows: Sequence[Sequence[str]]) -> None:
    # the last column may hold sentences and sets no width
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)][:-1]
    for *cells, last in rows:
        print("  ".join([*(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)), last]))


@app.command()
def version() -> None:
    """Print the versions of FACT, Python and the main dependencies."""
    from fact.versions import package_versions

    for name, number in package_versions().items():
        print(f"{name} {number}")
