"""A picture inside a page: an address that holds the image itself."""

import base64
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image


def data_uri(image: "Image.Image", kind: str = "PNG", **options: object) -> str:
    """Return the image as an address for ``src``, in a format of Pillow's with its ``options``."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(buffer.getvalue()).decode()}"
