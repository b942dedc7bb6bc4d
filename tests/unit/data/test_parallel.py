import threading
import time
from itertools import count, islice

import pytest
from fact.data.parallel import CHUNK, map_ordered


@pytest.mark.parametrize("workers", [1, 3, 8])
def test_order_does_not_depend_on_workers(workers: int) -> None:
    def slow_for_some(item: int) -> int:
        time.sleep(0.002 if item % 50 == 0 else 0)
        return item * item

    assert list(map_ordered(slow_for_some, range(301), workers)) == [item * item for item in range(301)]


def test_runs_only_a_bounded_distance_ahead_of_an_endless_input() -> None:
    started: list[int] = []

    def note(item: int) -> int:
        started.append(item)
        return item

    results = map_ordered(note, count(), workers=2, ahead=64)
    assert list(islice(results, 100)) == list(range(100))
    assert len(started) <= 100 + 64 + 2 * CHUNK
    results.close()


def test_error_comes_at_its_place_and_ends_the_threads() -> None:
    def fail_at_40(item: int) -> int:
        if item == 40:
            raise ValueError("item 40")
        return item

    before = threading.active_count()
    results = map_ordered(fail_at_40, count(), workers=2)
    assert list(islice(results, 2 * CHUNK)) == list(range(2 * CHUNK))
    with pytest.raises(ValueError, match="item 40"):
        next(results)
    assert threading.active_count() == before


def test_no_workers_is_refused() -> None:
    with pytest.raises(ValueError, match="workers: 0"):
        next(map_ordered(str, [1], workers=0))
