"""The files that people really bring, made by script: what each is, and what must become of it."""

import io
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

NO_IMAGE = "not an image in a supported format"


class Kind(NamedTuple):
    """A file of the collection: how it is made, what it becomes, and how the reason begins.

    ``size``: width and height of a used one.
    """

    name: bytes
    make: Callable[[Path], object]
    outcome: str
    reason: str = ""
    size: tuple[int, int] = (24, 16)


def picture(seed: int, mode: str = "RGB") -> Image.Image:
    """24 × 16 pixels of seeded noise, so that no two are copies."""
    pixels = np.random.default_rng(seed).integers(0, 256, (16, 24, 3), dtype=np.uint8)
    return Image.fromarray(pixels).convert(mode)


def encoded(seed: int, kind: str = "PNG", mode: str = "RGB", **options: object) -> bytes:
    buffer = io.BytesIO()
    picture(seed, mode).save(buffer, kind, **options)
    return buffer.getvalue()


def holding(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data)


def turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(20, "JPEG", exif=exif)


def frames(kind: str, seed: int) -> bytes:
    more = [picture(seed + 1), picture(seed + 2)]
    return encoded(seed, kind, save_all=True, append_images=more)


def bomb() -> bytes:
    """A PNG of 3.6 thousand million pixels in a hundred bytes."""
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def grey16() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.arange(24 * 16, dtype=np.uint16).reshape(16, 24) * 100).save(buffer, "PNG")
    return buffer.getvalue()


def floats() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.ones((16, 24), np.float32)).save(buffer, "TIFF")
    return buffer.getvalue()


def sparse(path: Path) -> None:
    """Four gigabytes that take no room."""
    with path.open("wb") as file:
        file.truncate(2**32)


def link(target: str) -> Callable[[Path], object]:
    return lambda path: path.symlink_to(target)


JPEG = encoded(1, "JPEG")
KINDS = {
    "plain": Kind(b"plain.jpg", holding(JPEG), "used"),
    "spaces": Kind(b"a folder/my photo.png", holding(encoded(2)), "used"),
    "quotes": Kind(b'it\'s "so".png', holding(encoded(3)), "used"),
    "emoji": Kind("🐈‍⬛ 猫.png".encode(), holding(encoded(4)), "used"),
    "not UTF-8": Kind(b"caf\xe9.png", holding(encoded(5)), "used"),
    "newline": Kind(b"new\nline.png", holding(encoded(6)), "used"),
    "very long": Kind(b"x" * 251 + b".png", holding(encoded(7)), "used"),
    "lower case": Kind(b"case.png", holding(encoded(8)), "used"),
    "upper case": Kind(b"CASE.PNG", holding(encoded(9)), "used"),
    "formula": Kind(b"=cmd|' -C calc'!A0.png", holding(encoded(10)), "used"),
    "markup": Kind(b"<img src=x onerror=alert(1)>.png", holding(encoded(11)), "used"),
    "shell": Kind(b"$(touch pwned); `id` & {x}.png", holding(encoded(12)), "used"),
    "deep": Kind(b"d/" * 60 + b"deep.png", holding(encoded(13)), "used"),
    "like a split": Kind(b"test/1/split.png", holding(encoded(14)), "used"),
    "wrong extension": Kind(b"really_a_png.jpg", holding(encoded(15)), "used"),
    "CMYK": Kind(b"cmyk.jpg", holding(encoded(16, "JPEG", "CMYK")), "used"),
    "16 bits": Kind(b"grey16.png", holding(grey16()), "used"),
    "grey": Kind(b"grey.png", holding(encoded(17, mode="L")), "used"),
    "palette": Kind(b"palette.png", holding(encoded(18, mode="P")), "used"),
    "transparent": Kind(b"alpha.png", holding(encoded(19, mode="RGBA")), "used"),
    "turned": Kind(b"turned.jpg", holding(turned()), "used", size=(16, 24)),
    "animated GIF": Kind(b"moving.gif", holding(frames("GIF", 30)), "used"),
    "animated WebP": Kind(b"moving.webp", holding(frames("WEBP", 33)), "used"),
    "pages": Kind(b"pages.tif", holding(frames("TIFF", 36)), "used"),
    "link": Kind(b"link.png", link("../elsewhere/linked.png"), "used"),
    "copy": Kind(b"plain (copy).jpg", holding(JPEG), "used"),
    "copied over": Kind(b"z/plain.jpg", holding(JPEG), "duplicate", "duplicate of plain (copy).jpg"),
    "empty": Kind(b"empty.jpg", holding(b""), "unreadable", "file is empty"),
    "truncated JPEG": Kind(
        b"cut.jpg", holding(JPEG[: len(JPEG) - 40]), "unreadable", "image file is truncated"
    ),
    "truncated PNG": Kind(b"cut.png", holding(encoded(40)[:300]), "unreadable", "image file is truncated"),
    "text": Kind(b"text.jpg", holding(b"404 not found"), "unreadable", NO_IMAGE),
    "PostScript": Kind(b"script.jpg", holding(b"%!PS-Adobe-3.0 EPSF-3.0\n"), "unreadable", NO_IMAGE),
    "noise": Kind(b"noise.png", holding(bytes(range(256)) * 4), "unreadable", NO_IMAGE),
    "pixel bomb": Kind(b"bomb.png", holding(bomb()), "unreadable", "Image size (3600000000 pixels) exceeds"),
    "huge file": Kind(b"huge.jpg", sparse, "unreadable", "4294967296 bytes are more than"),
    "floats": Kind(b"floats.tif", holding(floats()), "unreadable", "floating-point pixels"),
    "dangling link": Kind(
        b"gone.jpg", link("nowhere.jpg"), "unreadable", "file cannot be read: No such file"
    ),
    "link to itself": Kind(b"round.jpg", link("round.jpg"), "unreadable", "file cannot be read: Too many"),
    "pipe": Kind(b"pipe.jpg", os.mkfifo, "unreadable", "not a regular file"),
    "loop": Kind(b"a folder/up", link(".."), "ignored", "symbolic link to a folder already read"),
    "notes": Kind(b"notes.txt", holding(b"hello"), "ignored", "not an image extension"),
    "resource fork": Kind(b"._plain.png", holding(encoded(5)), "ignored", "hidden name"),
    "phone": Kind(b"IMG_0001.HEIC", holding(b"ftypheic"), "ignored", "a format that is not read here"),
}
# the copy that sorts first is the one that counts
KINDS["plain"] = KINDS["plain"]._replace(outcome="duplicate", reason="duplicate of plain (copy).jpg")


def write_bad_images(root: Path) -> None:
    """Make the collection below a new folder ``root``; one of its links leads to ``elsewhere`` beside it."""
    (root.parent / "elsewhere").mkdir(parents=True)
    (root.parent / "elsewhere/linked.png").write_bytes(encoded(50))
    for kind in KINDS.values():
        path = root / os.fsdecode(kind.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        kind.make(path)
