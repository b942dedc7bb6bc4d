"""Learning rate by iteration: linear warm-up, then polynomial decay to zero (mmsegmentation's schedule)."""


def learning_rate(iteration: int, settings: dict) -> float:
    """Learning rate of a 0-based iteration.

    ``settings``: ``iterations``, ``learning_rate``, ``warmup_iterations``, ``warmup_factor`` (of the first
    iteration's rate) and ``power``.
    """
    base, warmup = settings["learning_rate"], settings["warmup_iterations"]
    if iteration < warmup:
        first = settings["warmup_factor"]
        return base * (first + (1 - first) * iteration / warmup)
    left = 1 - (iteration - warmup) / max(settings["iterations"] - warmup, 1)
    return base * left ** settings["power"]
