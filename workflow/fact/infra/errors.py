"""Errors that a user can mend: their text names the file or key, the value and the remedy.

The command line and the log of a job print these as one line. Any other exception is a bug, and shows its
traceback. All are ValueErrors, so that code that uses the library can catch them as it catches Python's own.
"""

import errno
import signal

from fact.infra.extras import missing_extra

BUG = "this is a bug in FACT: report it with the lines above and `fact version`"


class FactError(ValueError):
    """Something that the user can mend."""


class ConfigError(FactError):
    """A key, a name or a parameter of the configuration or of a command is wrong."""


class DataError(FactError):
    """Images, masks or a data set's own files cannot be used."""


class LabelError(FactError):
    """Labels are missing, contradict each other, or are not those of the images."""


class ArtifactError(FactError):
    """A file that the workflow wrote is damaged, or belongs to other settings."""


class MachineError(FactError, RuntimeError):
    """The machine lacks what a job needs: a compiler, memory, or the code that the run began with."""


class Stopped(FactError):
    """The user stopped the command: nothing is wrong, and the same command goes on."""

    status = 128 + signal.SIGINT


# what Python raises for a path that the user gave
PATH_ERRORS = (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError)
# a full disk, a spent quota, a disk that fails
DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EIO)


def is_users(error: BaseException) -> bool:
    """Return whether the user can mend an error, so that its text says enough."""
    disk = isinstance(error, OSError) and error.errno in DISK_ERRORS
    return disk or missing_extra(error) is not None or isinstance(error, (FactError, *PATH_ERRORS))


def one_line(error: BaseException) -> str:
    """Return the text of an error in one line."""
    return " ".join((missing_extra(error) or str(error)).split())
