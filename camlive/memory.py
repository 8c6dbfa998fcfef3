"""The memory of frames: kept from one to the next."""

import ctypes
import sys

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of glibc's mallopt
LARGEST_BYTES = 32 << 20  # of an array that is kept: the most that glibc takes here; 4K has 25 MB
KEPT_BYTES = 256 << 20  # of freed memory, at most; what a run held at once, it keeps


def keep_freed() -> None:
    """Lets the process keep the memory of a frame that is done with for the next.

    Else glibc gives large arrays back to the system, which clears each of their pages anew: with
    720p in a window that is a sixth of a frame's time. Does nothing without glibc.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        mallopt(M_MMAP_THRESHOLD, LARGEST_BYTES)
        mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)
