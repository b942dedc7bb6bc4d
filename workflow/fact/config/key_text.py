"""Keys and values of a configuration as text, for what is said of them."""

import json


def dotted(*parts: object) -> str:
    return ".".join(str(part) for part in parts if part != "")


def show(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str, skipkeys=True)
    return text if len(text) <= 80 else f"{text[:77]}..."
