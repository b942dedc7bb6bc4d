import numpy as np
import pytest
import torch
from fact.backbones.extraction import extract, normalise, to_tensor
from fact.backbones.interface import Backbone, Classifier
from fact.backbones.weights import create_architecture
from numpy.typing import NDArray
from small_vit import CPU, SPEC, some_images, vit
from torch import Tensor, nn


def extracted(backbone: Backbone, batches: list[NDArray[np.uint8]], **options) -> tuple:
    parts = list(extract(backbone, batches, SPEC, CPU, precision="fp32", **options))
    pooled, grids = zip(*parts, strict=True)
    return np.concatenate(pooled), None if grids[0] is None else np.concatenate(grids)


def test_normalise_is_timms_transform():
    from PIL import Image
    from timm.data import create_transform

    transform = create_transform((3, 16, 16), mean=SPEC.mean, std=SPEC.std, crop_pct=1.0)
    images = some_images()
    expected = torch.stack([transform(Image.fromarray(image)) for image in images])
    found = normalise(to_tensor(images, CPU), SPEC.mean, SPEC.std)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-6)
    floats = to_tensor(images, CPU).float()
    assert torch.equal(normalise(floats, SPEC.mean, SPEC.std), found)


def test_to_tensor_moves_the_channels_forward():
    images = some_images(3)
    tensor = to_tensor(images, CPU)
    assert tensor.shape == (3, 3, 16, 16) and tensor.dtype == torch.uint8
    assert tensor.is_contiguous(memory_format=torch.channels_last)
    assert tensor[1, 2, 3, 4] == images[1, 3, 4, 2]


def test_features_are_those_of_the_backbone_in_eval_mode_without_gradients():
    backbone, images = vit().train(), some_images()
    pooled, tokens = extracted(backbone, [images], tokens=True)
    with torch.no_grad():
        normal = normalise(to_tensor(images, CPU), SPEC.mean, SPEC.std)
        expected, grid = backbone.eval().pooled_and_tokens(normal)
    assert pooled.dtype == tokens.dtype == np.float32
    assert pooled.shape == (7, 32) and tokens.shape == (7, 4, 4, 32)
    np.testing.assert_allclose(pooled, expected.numpy(), atol=1e-5)
    np.testing.assert_allclose(tokens, grid.numpy(), atol=1e-5)


@pytest.mark.parametrize("size", [1, 3, 7])
def test_batches_do_not_matter(size):
    backbone, images = vit(), some_images()
    whole = extracted(backbone, [images], tokens=True)
    parts = extracted(backbone, [images[i : i + size] for i in range(0, 7, size)], tokens=True)
    for expected, found in zip(whole, parts, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_tokens_only_if_asked_and_one_batch_at_a_time():
    taken = []

    def batches():
        for start in range(3):
            taken.append(start)
            yield some_images(2)

    stream = extract(vit(), batches(), SPEC, CPU, precision="fp32")
    pooled, tokens = next(stream)
    assert pooled.shape == (2, 32) and tokens is None and taken == [0]
    assert torch.is_grad_enabled() and not torch.is_inference_mode_enabled()


def test_bf16_is_near_fp32():
    backbone, images = vit(), some_images()
    ((half, _),) = extract(backbone, [images], SPEC, CPU, precision="bf16")
    full, _ = extracted(backbone, [images])
    assert half.dtype == np.float32 and not np.array_equal(half, full)
    np.testing.assert_allclose(half, full, atol=0.1)


def test_a_cnn_can_be_trained_after_extraction():
    torch.manual_seed(0)
    backbone = Backbone(create_architecture("mobilenetv2_050", {}))
    pooled, tokens = extracted(backbone, [some_images(2, 64)], tokens=True)
    assert pooled.shape == (2, 1280) and tokens.shape == (2, 2, 2, 1280)
    Classifier(backbone, 1280, 3)(torch.randn(2, 3, 64, 64)).sum().backward()
    assert all(parameter.grad is not None for parameter in backbone.parameters())


class SmallMemory(nn.Module):
    """A backbone that runs out of memory, as CUDA does, above ``limit`` images."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.inner, self.limit, self.seen = vit(), limit, []

    def pooled_and_tokens(self, images: Tensor) -> tuple[Tensor, Tensor]:
        self.seen.append(len(images))
        if len(images) > self.limit:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return self.inner.pooled_and_tokens(images)


def test_batches_that_do_not_fit_go_through_in_parts():
    poor, images = SmallMemory(2), some_images(7)
    batches = [images[:5], images[5:]]
    found = list(extract(poor, batches, SPEC, CPU, precision="fp32", tokens=True))
    assert poor.seen == [5, 3, 2, 2, 1, 2]
    for (pooled, tokens), batch in zip(found, batches, strict=True):
        expected, grid = extracted(vit(), [batch], tokens=True)
        np.testing.assert_allclose(pooled, expected, atol=1e-5)
        np.testing.assert_allclose(tokens, grid, atol=1e-5)
