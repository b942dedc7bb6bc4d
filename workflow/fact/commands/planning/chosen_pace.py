"""Which rates a plan takes: those of a file, of the results, or those that come with FACT."""

from collections import Counter
from pathlib import Path
from typing import NamedTuple

from fact.commands.planning.estimate import Pace
from fact.commands.planning.rates import Rates, rates_of, read_rates, timed_jobs
from fact.commands.planning.shipped import shipped_rates
from fact.commands.planning.sizes import Sizes
from fact.infra.errors import ConfigError

USUAL = "h200"


class Chosen(NamedTuple):
    """Rates, what they are of in words, and what has to be known before any number (empty: nothing)."""

    pace: Pace
    said: str
    caution: str = ""


def chosen_pace(sizes: Sizes, rates: Path | None, device: str | None) -> Chosen:
    """Return the rates of a file, else those shipped for a device, else of the results, else of an H200.

    Raises ConfigError for rates of another device than is asked for.
    """
    if rates:
        return _measured(read_rates(rates), device, str(rates))
    timed = [] if device else timed_jobs(sizes)
    if timed:
        return _measured(rates_of(timed, sizes), None, str(sizes.results))
    caution = "" if device else "nothing has run here: rates for an H200 (--device names another one)"
    return _shipped(device or USUAL, caution)


def _shipped(device: str, caution: str) -> Chosen:
    pace = shipped_rates(device)
    bases = Counter(rate.basis for rate in pace.rates.values())
    counted = ", ".join(f"{count} {basis}" for basis, count in sorted(bases.items()))
    return Chosen(pace, f"shipped for {pace.device}: {counted}", caution)


def _of_processor(name: str) -> str:
    return f"rates of a processor ({name}): a GPU is many times faster, see --device"


def _measured(rates: Rates, device: str | None, origin: str) -> Chosen:
    on_cpu = "thread" in rates.device
    fits = on_cpu if device == "cpu" else (device or "").lower() in rates.device.lower()
    if device and not fits:
        raise ConfigError(
            f"{origin} was measured on {rates.device}, not on --device {device}; leave one of the two out"
        )
    caution = _of_processor(rates.device) if on_cpu else ""
    return Chosen(rates, f"measured on {rates.device}, {len(rates.rates)} of them", caution)
