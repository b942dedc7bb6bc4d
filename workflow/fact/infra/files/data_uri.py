"""A picture inside a page: an address that holds the image itself."""

import base64
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image


def data_uri(image: "Image.Image", kind: str = "PNG", **how: object) -> str:
    """For ``src``: the image in a format of Pillow's (``PNG``, ``WEBP``), by its options ``how``."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **how)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(buffer.getvalue()).decode()}"
