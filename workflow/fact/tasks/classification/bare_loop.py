"""Images per second of a training loop with nothing around it, to compare a real training with."""

import time

import torch
from torch.nn.functional import cross_entropy

from fact.backbones.spec import read_spec
from fact.device import autocast
from fact.training.recipe import Recipe, Start, build_model


def images_per_second(
    start: Start, recipe: Recipe, *, num_classes: int, batch: int, device: torch.device
) -> float:
    """Return images per second of forward, backward and SGD on one batch of noise, in the recipe's precision.

    There is no reading, no augmentation and no evaluation. One step goes before those that count.
    """
    model, _ = build_model(start, num_classes, recipe=recipe, seed=0, device=device)
    side, steps = read_spec(start.weights).image_size, 20 if device.type == "cuda" else 3
    images = torch.randn(batch, 3, side, side, device=device)
    targets = torch.zeros(batch, dtype=torch.long, device=device)
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.SGD(trained, lr=1e-6, momentum=0.9, nesterov=True)
    model.train()
    for step in range(steps + 1):
        if step == 1:
            _wait_for(device)
            begun = time.perf_counter()
        with autocast(device, recipe.training.precision):
            loss = cross_entropy(model(images), targets)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    _wait_for(device)
    return steps * batch / (time.perf_counter() - begun)


def _wait_for(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()
