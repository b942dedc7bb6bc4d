"""Views of tokens, block by block: the same numbers however they are cut and whether they are kept."""

import pytest
import torch
from fact.training.frofa import token_views
from fact.training.frofa.token_views import TokenViews
from fact.training.frofa.views import View, augment_tokens
from fact.training.heads.spec import Frofa, Operation
from torch import Tensor

IDS = [f"train/{index}" for index in range(11)]
TRIVIAL = Frofa("c2", ops=(Operation("brightness"), Operation("rotate"), Operation("invert", "c")), draw=1)


@pytest.fixture
def tokens() -> Tensor:
    return torch.randn(11, 2, 3, 5, generator=torch.Generator().manual_seed(0)).half()


def stacked(views: TokenViews, images: Tensor | None = None, count: int | None = None) -> Tensor:
    """All views (V + 1, m, T, C) of the images of a mask."""
    parts: list[list[Tensor]] = [[] for _ in range(len(views) if count is None else count)]
    for block in views.blocks(images, count):
        parts[block.view].append(block.tokens)
    return torch.stack([torch.cat(own) for own in parts])


def expected(tokens: Tensor, frofa: Frofa, strength: float) -> Tensor:
    copies = [augment_tokens(tokens, IDS, frofa, View(strength, 7, number)) for number in range(frofa.views)]
    return torch.stack([tokens.float(), *copies]).flatten(2, 3)


@pytest.mark.parametrize(
    "frofa", [Frofa("c2"), Frofa("default", views=1), TRIVIAL], ids=["c2", "one", "drawn"]
)
@pytest.mark.parametrize("block", [1, 30, 100, 10_000])
@pytest.mark.parametrize("kept", [0, 1000, 10**6])
def test_views_are_frofa_s(
    monkeypatch: pytest.MonkeyPatch, tokens: Tensor, frofa: Frofa, block: int, kept: int
) -> None:
    monkeypatch.setitem(token_views.BLOCK_VALUES, "cpu", block)
    monkeypatch.setattr(token_views, "KEPT_BYTES", kept)
    monkeypatch.setattr(token_views, "KEPT_TIMES", 0)
    views = TokenViews(tokens, IDS, frofa, seed=7, strength=0.3)
    wanted = expected(tokens, frofa, 0.3)
    assert (len(views), views.places, views.width, views.dtype) == (frofa.views + 1, 6, 5, torch.float32)
    assert torch.equal(stacked(views), wanted)
    # once more, from what was kept or anew; then some images, which lie in some blocks
    assert torch.equal(stacked(views), wanted)
    some = torch.tensor([0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0]).bool()
    assert torch.equal(stacked(views, some), wanted[:, some])
    places = torch.cat([block.images for block in views.blocks(some, 1)])
    assert places.tolist() == [2, 3, 9]
    torch.testing.assert_close(views.means, wanted.mean(2).double())
    held = sum(view.nbytes for view in views._kept.values())
    assert held <= kept and views.room == kept - held


def test_strength_0_and_no_view_but_the_first_are_the_tokens(tokens: Tensor) -> None:
    assert torch.equal(stacked(TokenViews(tokens, IDS, Frofa(), 7, 0.0)), tokens.float().flatten(1, 2)[None])
    first = stacked(TokenViews(tokens, IDS, Frofa(), 7, 0.3), count=1)
    assert torch.equal(first, tokens.float().flatten(1, 2)[None])


def test_the_deviation_is_the_mean_distance_from_an_image_s_mean(tokens: Tensor) -> None:
    flat = tokens.double().flatten(1, 2)
    direct = (flat - flat.mean(1, keepdim=True)).norm(dim=2).mean()
    assert TokenViews(tokens, IDS, Frofa(), 7, 0.3).deviation == pytest.approx(float(direct), rel=1e-6)


def test_room_grows_with_the_tokens(monkeypatch: pytest.MonkeyPatch, tokens: Tensor) -> None:
    monkeypatch.setattr(token_views, "KEPT_BYTES", 100)
    assert TokenViews(tokens, IDS, Frofa(), 7, 0.3).room == 2 * tokens.nbytes
    assert TokenViews(tokens[:0], [], Frofa(), 7, 0.3).room == 100
