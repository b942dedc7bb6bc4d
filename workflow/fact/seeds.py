"""Seeds derived by name, so that adding a method, selector or dataset moves no other one's numbers."""

import hashlib


def derive_seed(*names: object) -> int:
    """Return a 32-bit seed from the names of what it is for: ``derive_seed("digits", "activeft", 50, 0)``.

    The same names give the same seed on every machine and in every process.
    """
    text = "\x1f".join(str(name) for name in names)
    return int.from_bytes(hashlib.sha256(text.encode("utf-8")).digest()[:4], "little")
