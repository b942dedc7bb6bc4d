import pytest
import torch
from fact.training.recipe import count_parameters
from fact.training.tuners import prompts
from vits import classifier

SETTINGS = {"num_tokens": 5, "deep": False, "dropout": 0.0}


@pytest.mark.parametrize(("deep", "count"), [(False, 5 * 32 + 330), (True, 3 * 5 * 32 + 330)])
def test_parameter_count(deep, count):
    model = prompts.prepare(classifier()[0], prompts.Settings(**SETTINGS | {"deep": deep}))
    assert count_parameters(model)["trainable"] == count


def test_start_is_uniform_within_vpts_bound():
    model = prompts.prepare(classifier()[0], prompts.Settings(**SETTINGS | {"num_tokens": 500}))
    (values,) = (p.detach() for name, p in model.named_parameters() if name.endswith("prompts"))
    bound = (6 / (3 * 4 * 4 + 32)) ** 0.5
    assert 0.99 * bound < values.abs().max() <= bound
    assert abs(float(values.std()) - bound / 3**0.5) < 0.01 * bound


@pytest.mark.parametrize("deep", [False, True])
@torch.no_grad()
def test_prompts_stand_behind_the_prefix_tokens_in_every_block(deep):
    model, images = classifier("registers")
    blocks = list(model.backbone.model.blocks)
    model = prompts.prepare(model, prompts.Settings(**SETTINGS | {"deep": deep}))
    given = [p for name, p in model.named_parameters() if name.endswith("prompts")]
    seen = []
    for block in blocks:
        block.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    model(images)
    # one class token, four registers, five prompts, four patches
    assert [tuple(tokens.shape) for tokens in seen] == [(2, 14, 32)] * 2
    assert len(given) == (2 if deep else 1)
    for index, tokens in enumerate(seen):
        fresh = deep or index == 0
        own = given[index if deep else 0].expand(2, -1, -1)
        assert torch.equal(tokens[:, 5:10], own) == fresh


@torch.no_grad()
def test_dropout_acts_in_training_alone():
    model, images = classifier()
    model = prompts.prepare(model, prompts.Settings(**SETTINGS | {"dropout": 0.5})).eval()
    assert torch.equal(model(images), model(images))
    assert not torch.equal(model.train()(images), model(images))
