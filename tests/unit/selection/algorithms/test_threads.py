import threading

import pytest
import torch
from fact.selection.algorithms.threads import workers


def test_every_worker_computes_on_one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        with workers() as executor:
            barrier = threading.Barrier(3, timeout=60)  # passes only if three workers meet
            counts = list(executor.map(lambda _: (barrier.wait(), torch.get_num_threads())[1], range(3)))
            assert counts == [1, 1, 1]
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def test_the_threads_come_back_after_an_error():
    before = torch.get_num_threads()
    with pytest.raises(RuntimeError, match="boom"), workers():
        raise RuntimeError("boom")
    assert torch.get_num_threads() == before
