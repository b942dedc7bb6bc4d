"""Keep freed memory in the process, so that tensors of a few MiB are not paged in anew each time."""

import ctypes
import platform

# options of glibc's mallopt(3)
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
# the largest value that glibc takes for blocks of their own, and what may stay free at the end of the heap
OWN_MAP_BYTES, KEPT_BYTES = 2**25, 2**29


def keep_freed_memory() -> bool:
    """Tell glibc to keep freed memory for the next tensor; returns whether there is a glibc to tell.

    By default memory freed at the end of the heap goes back to the system, and comes again page by page:
    for chains of small operations on blocks of tokens that takes several times as long as the arithmetic.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return bool(mallopt(M_MMAP_THRESHOLD, OWN_MAP_BYTES)) and bool(mallopt(M_TRIM_THRESHOLD, KEPT_BYTES))
