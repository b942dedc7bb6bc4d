import base64
import io

import pytest
from fact.infra.files.data_uri import data_uri
from PIL import Image


@pytest.mark.parametrize(("kind", "how"), [("PNG", {}), ("WEBP", {"lossless": True})])
def test_the_address_holds_the_image_itself(kind: str, how: dict):
    image = Image.effect_noise((5, 3), 50).convert("RGB")
    start, content = data_uri(image, kind, **how).split(",")
    assert start == f"data:image/{kind.lower()};base64"
    with Image.open(io.BytesIO(base64.b64decode(content))) as held:
        assert held.format == kind and held.tobytes() == image.tobytes()
