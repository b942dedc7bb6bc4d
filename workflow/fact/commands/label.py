"""``fact label``: label images on a page in the browser."""

from dataclasses import dataclass
from getpass import getuser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fact.commands.errors import plain_errors
from fact.commands.options import spread_options

if TYPE_CHECKING:
    from fact.project.labelling.selection_task import SelectionPlace


@dataclass(frozen=True)
class Chosen:
    """A selection of the workflow, instead of a project."""

    selection: Annotated[
        Path | None, typer.Option(help="Label this selection (.csv) instead of a project.")
    ] = None
    images: Annotated[
        Path | None,
        typer.Option(help="With --selection: the folder of its images; else those of its dataset."),
    ] = None
    masks: Annotated[
        Path | None,
        typer.Option(help="With --selection: masks to check beside the images; they are drawn elsewhere."),
    ] = None
    classes: Annotated[
        Path | None, typer.Option(help="With --selection: class names, one per line, or classes.json.")
    ] = None
    out: Annotated[Path, typer.Option(help="With --selection: the table of labels.")] = Path("labels.csv")

    def place(self) -> "SelectionPlace":
        """Return where the selection lies. Raises ConfigError where a part is missing."""
        from fact.infra.errors import ConfigError
        from fact.project.labelling.selection_task import SelectionPlace

        if self.selection is None:
            raise ConfigError(
                "--images FOLDER goes with --selection FILE; without both a project is labelled"
            )
        return SelectionPlace(self.selection, self.images, self.out, self.masks, self.classes)


@dataclass(frozen=True)
class Served:
    """Where the page is served, and who labels."""

    host: Annotated[
        str, typer.Option(help="Address to serve on; with 0.0.0.0 everybody in the network can reach it.")
    ] = "127.0.0.1"
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 is any free one.")] = 0
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page in the browser of this machine.")
    ] = True
    name: Annotated[str, typer.Option("--as", help="Who labels; else your name on this machine.")] = ""


@plain_errors()
@spread_options
def label(
    folder: Annotated[Path, typer.Argument(help="The project's folder.")] = Path("."),
    *,
    chosen: Chosen,
    served: Served,
) -> None:
    """Label images in the browser: by keys, with every key press on the disk; train from the same page."""
    from functools import partial

    from fact.project.labelling.serve import ServerSettings, serve
    from fact.project.labelling.session import LabelSession

    settings = ServerSettings(served.host, served.port, served.name or getuser(), served.browser)
    say = partial(print, flush=True)
    if chosen.selection or chosen.images:
        from fact.project.labelling.selection_task import selection_task, write_labels_of

        place = chosen.place()
        session = serve(LabelSession(selection_task(place)), settings, say)
        if write_labels_of(place, session):
            say(f"labels:    {place.out}")
        return
    from fact.project.folder import open_project
    from fact.project.labelling.project_task import project_task
    from fact.project.shown import shown

    project = open_project(folder)
    session = serve(LabelSession(project_task(project)), settings, say)
    say(f"labels:    {len(session.labels())} of {len(session.task.images)} images have one")
    say(f"next:      fact run {shown(folder)}")
