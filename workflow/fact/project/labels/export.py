"""Export the images of a selection in the format of a labelling tool."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from fact.data.selection_file import read_chosen_paths
from fact.infra.errors import ConfigError
from fact.project.labels.class_folders import write_class_folders
from fact.project.labels.fiftyone import write_fiftyone
from fact.project.labels.label_studio import write_label_studio
from fact.project.labels.sheet import write_sheet

FORMATS = ("csv", "label-studio", "fiftyone", "folders")


class HandOff(NamedTuple):
    """What the formats need besides the selection.

    ``images``: the image folder, for links and copies; ``classes``: names in order; ``served_as``: where
    Label Studio's document root has the image folder; ``copy``: copies instead of links.
    """

    images: Path | None = None
    classes: Sequence[str] = ()
    served_as: str = ""
    copy: bool = False


def export_labels(selection: Path, target: str, out: Path, hand_off: HandOff) -> int:
    """Write the selection as ``target`` (one of ``FORMATS``) to ``out``, a file for csv, else a folder.

    Returns the number of images. Raises ConfigError for an unknown format and where the format needs more.
    """
    paths = read_chosen_paths(selection)
    if target not in FORMATS:
        raise ConfigError(f"there is no format {target!r}; known are {', '.join(FORMATS)}")
    if target == "csv":
        write_sheet(out, paths)
    elif target == "label-studio":
        if not hand_off.classes:
            raise ConfigError(
                "Label Studio's interface names the classes; give a file of them with --classes"
            )
        write_label_studio(out, paths, hand_off.classes, served_as=hand_off.served_as)
    else:
        if hand_off.images is None:
            raise ConfigError(f"{target} hands out the images themselves; give their folder with --images")
        write = write_fiftyone if target == "fiftyone" else write_class_folders
        write(out, paths, hand_off.images, hand_off.classes, copy=hand_off.copy)
    return len(paths)
