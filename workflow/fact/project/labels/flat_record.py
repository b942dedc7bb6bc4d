"""One flat record of a label: a row of a table, or of Label Studio's JSON-MIN."""

import json
from collections.abc import Mapping

from fact.data.image_names import NAME_COLUMNS
from fact.infra.errors import LabelError
from fact.project.labels.vote import Vote, parse_time, stripped

CONTROL = "choice"
"""Name of the control in the labelling interface, and of the key that Label Studio exports its value by."""

LABELS = (CONTROL, "label", "class", "category")


def flat_vote(record: Mapping[str, object], origin: str, source: str) -> Vote:
    """Return the vote of a record; ``source``, the file's name, stands for an annotator who is not named."""
    label = next((record[name] for name in LABELS if record.get(name) is not None), None)
    choices = stripped(choice_names(label, origin))
    time = parse_time(str(record.get("updated_at") or ""), origin)
    annotator = annotator_name(record.get("annotator")) or source
    path, sha256 = (str(record.get(key) or "") for key in ("path", "sha256"))
    return Vote(
        next((str(record[name]) for name in NAME_COLUMNS if record.get(name)), ""),
        choices,
        annotator,
        origin=origin,
        time=time,
        cancelled=False,
        path=path,
        sha256=sha256,
    )


def choice_names(value: object, origin: str) -> list[str]:
    """Return class names in any of Label Studio's forms: a name, ``{"choices": names}`` or JSON of it, a
    list.

    Raises LabelError, naming the origin, for anything else.
    """
    if value is None:
        return []
    if isinstance(value, str):
        return _names_in_text(value, origin)
    if isinstance(value, list):
        return [name for item in value for name in choice_names(item, origin)]
    if isinstance(value, dict) and isinstance(value.get("choices"), list):
        return choice_names(value["choices"], origin)
    raise LabelError(f"{origin}: {value!r} is no class name; label with the interface that was exported")


def annotator_name(value: object) -> str:
    """Return who labelled: a number, a name, or Label Studio's record of a user.

    Empty where nobody is named.
    """
    if isinstance(value, dict):
        value = value.get("id", value.get("email"))
    return "" if value is None else str(value)


def _names_in_text(text: str, origin: str) -> list[str]:
    # several choices come in a CSV cell as JSON; a class may begin with these characters all the same
    if text.startswith(('{"choices"', '[{"choices"')):
        try:
            return choice_names(json.loads(text), origin)
        except json.JSONDecodeError:
            return [text]
    return [text]
