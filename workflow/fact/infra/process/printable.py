"""Text that a terminal cannot take for commands: control characters, as file names may hold them, escaped."""

import io


def printable(text: str) -> str:
    """Return the text with every sign that does not print, line ends included, as an escape sequence to
    read.
    """
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


class PrintableLog(io.TextIOWrapper):
    """A log that keeps line ends and tabs, and escapes whatever else does not print."""

    def write(self, text: str) -> int:
        """Write the text escaped; return the number of characters that were given."""
        super().write("".join(sign if sign in "\n\t" else printable(sign) for sign in text))
        return len(text)
