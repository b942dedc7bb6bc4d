"""Label Studio: tasks and labelling interface to import, and its exports JSON and JSON-MIN to read.

Formats: labelstud.io/guide/tasks (tasks, local files), templates/image_classification (interface),
guide/export (annotations). The image of a task is served by Label Studio's local file storage.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from fact.data.path_text import to_text
from fact.infra.errors import LabelError
from fact.infra.files.publish import publish_text
from fact.project.labels.flat_record import CONTROL, annotator_name, choice_names, flat_vote
from fact.project.labels.image_path import image_path
from fact.project.labels.vote import Vote, distinct, parse_time, stripped

SERVED = "/data/local-files/?d="
SHAPES = ("rectanglelabels", "polygonlabels", "ellipselabels", "keypointlabels", "brushlabels")
NO_CLASS = ("taxonomy", "rating")


def write_label_studio(
    folder: Path,
    paths: Mapping[str, str],
    classes: Sequence[str],
    served_as: str,
    checksums: Mapping[str, str] | None = None,
) -> None:
    """Publish ``tasks.json`` and ``label_config.xml``.

    ``paths``: path by sample id, relative to the image folder, which lies at ``served_as`` below Label
    Studio's document root; ``checksums``: sha256 by sample id, which comes back with the labels.
    Raises LabelError for a path outside it and a class that XML cannot hold.
    """
    publish_text(folder / "label_config.xml", label_config(classes))
    known = checksums or {}
    tasks = [
        task(sample_id, path, served_as, sha256=known.get(sample_id)) for sample_id, path in paths.items()
    ]
    publish_text(folder / "tasks.json", json.dumps(tasks, indent=1) + "\n")


def task(
    sample_id: str, path: str, served_as: str = "", sha256: str | None = None
) -> dict[str, dict[str, str]]:
    """Return one task; the bytes of the path are percent-encoded, whatever they are."""
    served = image_path(Path(served_as), path)
    data = {"image": SERVED + quote(bytes(served)), "sample_id": sample_id, "path": path}
    return {"data": {**data, "sha256": sha256} if sha256 else data}


def label_config(classes: Sequence[str]) -> str:
    """Return the labelling interface: one choice among the classes.

    Raises LabelError for control characters.
    """
    if wrong := [name for name in classes if not all(map(_is_xml, name))]:
        raise LabelError(f"the class {wrong[0]!r} has a character that XML cannot hold; rename the class")
    attributes = (quoteattr(name, {"\n": "&#10;", "\t": "&#9;", "\r": "&#13;"}) for name in classes)
    choices = "\n".join(f"    <Choice value={attribute}/>" for attribute in attributes)
    return (
        '<View>\n  <Image name="image" value="$image"/>\n'
        f'  <Choices name="{CONTROL}" toName="image" choice="single">\n{choices}\n  </Choices>\n</View>\n'
    )


def read_label_studio(path: Path, records: list) -> list[Vote]:
    """Return the votes of an export, JSON or JSON-MIN (parsed: ``records``), in order.

    One an annotation, and one without a choice for a task that has none. Raises LabelError for anything else.
    """
    if not all(isinstance(record, dict) for record in records):
        raise LabelError(f"{path} is no list of tasks; export JSON or JSON-MIN from Label Studio")
    votes, name = [], to_text(path.name)
    for number, record in enumerate(records, start=1):
        origin = f"{name}, record {number}"
        votes += _task_votes(record, origin, name) if "data" in record else [flat_vote(record, origin, name)]
    if not any(vote.choices for vote in votes):
        _refuse_other_controls(path, records)
    return votes


def _refuse_other_controls(path: Path, records: list[dict]) -> None:
    """Raise LabelError where nothing but a taxonomy or a rating was filled in, which name no class."""
    results = [
        str(result.get("type"))
        for record in records
        for annotation in _annotations(record)
        for result in annotation["result"]
    ]
    found = {*results, *(key for record in records for key in record if "data" not in record)}
    if wrong := sorted(found & set(NO_CLASS)):
        raise LabelError(
            f"{path} holds a {' and a '.join(wrong)} and no choice of a class; label with the Choices of "
            "label_config.xml, or export the classes as a table with the columns sample_id and label"
        )


def _task_votes(task: dict, origin: str, source: str) -> list[Vote]:
    try:
        data = task["data"]
        path, sha256 = (str(data.get(key) or "") for key in ("path", "sha256"))
        sample_id = str(data.get("sample_id") or path or data.get("image") or "")
        votes = [
            _vote(sample_id, annotation, origin, source=source)._replace(path=path, sha256=sha256)
            for annotation in _annotations(task)
        ]
    except (AttributeError, KeyError, TypeError) as error:
        raise LabelError(f"{origin}: is no task of Label Studio ({error}); export it again") from error
    return votes or [Vote(sample_id, (), source, origin=origin)]


def _vote(sample_id: str, annotation: dict, origin: str, source: str) -> Vote:
    results = [result["value"] for result in annotation["result"] if result.get("type") == "choices"]
    return Vote(
        sample_id,
        stripped(choice_names(results, origin)) or _class_of_shapes(annotation["result"]),
        annotator_name(annotation.get("completed_by")) or source,
        origin=origin,
        time=parse_time(annotation.get("updated_at") or "", origin),
        cancelled=bool(annotation.get("was_cancelled")),
    )


def _annotations(task: Mapping) -> list[dict]:
    """Return what was annotated of a task; ``completions`` is the key of versions before 1.0."""
    return task.get("annotations") or task.get("completions") or []


def _class_of_shapes(results: Sequence[Mapping]) -> tuple[str, ...]:
    """Return the classes of boxes, polygons and their like: one where all agree."""
    kinds = [(result.get("type"), result["value"]) for result in results]
    return distinct([name for kind, value in kinds if kind in SHAPES for name in value[kind]])


def _is_xml(character: str) -> bool:
    return character in "\t\n\r" or (character >= " " and character not in "\ufffe\uffff")
