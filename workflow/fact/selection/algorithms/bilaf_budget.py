"""How BiLAF shares the budget among its pseudo-classes."""

import numpy as np


def distribute_budget(budget: int, sizes: list[int]) -> list[int]:
    """Shares in proportion to ``sizes``, rounded down; what remains goes one by one to the smallest share.

    As in BiLAF's released code; between equal shares the class with the largest size comes first, and of
    equal ones the first. A share may be 0, or exceed its size.
    """
    shares = np.floor(np.array(sizes) / sum(sizes) * budget).astype(int)
    order = np.argsort(-np.array(sizes), kind="stable")
    for _ in range(budget - shares.sum()):
        shares[order[shares[order].argmin()]] += 1
    return shares.tolist()


def class_budgets(budget: int, sizes: list[int]) -> list[int]:
    """``distribute_budget`` with at least 1, for the core, and at most the size for each class.

    ``budget`` is between the number of classes and the sum of ``sizes``. What a class cannot take goes to the
    smallest share that has room; what a class lacks comes from the largest share.
    """
    capacity = np.array(sizes)
    shares = np.clip(distribute_budget(budget, sizes), 1, capacity)
    order = np.argsort(-capacity, kind="stable")
    while shares.sum() < budget:
        room = order[shares[order] < capacity[order]]
        shares[room[shares[room].argmin()]] += 1
    while shares.sum() > budget:
        shares[order[shares[order].argmax()]] -= 1
    return shares.tolist()
