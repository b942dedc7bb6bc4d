"""Times rounded to what they mean."""

UNITS = ((1.0, "s"), (60.0, "min"), (3600.0, "h"))


def in_words(seconds: float) -> str:
    """Return a time with two digits, in seconds, minutes or hours: ``0.4 s``, ``12 s``, ``1.5 min``."""
    size, unit = unit_of(seconds)
    value = seconds / size
    if value < 0.05:
        return "0 s" if seconds == 0 else f"{seconds:.1g} s"
    return f"{value:.1f} {unit}" if value < 9.95 else f"{value:.0f} {unit}"


def unit_of(seconds: float) -> tuple[float, str]:
    """Return the seconds of the unit that suits a time, and its name: minutes from 90 seconds on."""
    return next((unit for unit in reversed(UNITS) if seconds >= 1.5 * unit[0]), UNITS[0])
