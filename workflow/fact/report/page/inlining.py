"""Code and data inside a page: what makes them safe there, and allowed by a content-security policy."""

import base64
import hashlib
import json

from markupsafe import Markup

# in JSON these stand in texts alone, where an escape means the same; in HTML they would end the script
_ESCAPES = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def script_json(value: object) -> Markup:
    """Return JSON for a ``<script type="application/json">``: no text in it can end the script."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return Markup(text.translate(_ESCAPES))


def own_code(source: str) -> Markup:
    """Return code of ours for a ``<script>`` or ``<style>``.

    Raises ValueError for one that would end early.
    """
    if "</script" in source.lower() or "</style" in source.lower() or "<!--" in source:
        raise ValueError("a script or style of the report holds what ends it in HTML; write it another way")
    return Markup(source)


def content_security_policy(scripts: list[str], styles: list[str]) -> str:
    """Return the policy that allows exactly these inline scripts and styles, and nothing else."""
    return (
        f"default-src 'none'; script-src {_hashes(scripts)}; style-src {_hashes(styles)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hashes(sources: list[str]) -> str:
    digests = (hashlib.sha256(source.encode("utf-8")).digest() for source in sources)
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
