"""Seeds derived by name."""

import subprocess
import sys

from fact.seeds import derive_seed


def test_a_seed_never_changes() -> None:
    """Every published number hangs on it."""
    assert derive_seed("digits", "activeft", 50, 0) == 2239341808


def test_a_seed_is_the_same_in_another_process() -> None:
    code = "from fact.seeds import derive_seed; print(derive_seed('digits', 'activeft', 50, 0))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) == derive_seed("digits", "activeft", 50, 0)


def test_names_are_kept_apart() -> None:
    names = [("ab", "c"), ("a", "bc"), ("abc",), ("abc", ""), ("", "abc"), ("c", "ab"), ()]
    assert len({derive_seed(*name) for name in names}) == len(names)


def test_seeds_of_a_sweep_differ_and_fill_32_bits() -> None:
    seeds = {
        derive_seed(name, budget, seed) for name in "abcdefgh" for budget in range(50) for seed in range(5)
    }
    assert len(seeds) == 2000
    assert all(0 <= seed < 2**32 for seed in seeds)
    assert max(seeds) > 2**31 > min(seeds)
