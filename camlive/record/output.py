"""What may and can be written, made sure of before any work is done."""

import errno
import itertools
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from camlive.errors import OutputError

STEM_BYTES = 200  # kept of a long name: of 255, numbers and a suffix need some
FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)  # of a disk, or of what a user may have of it


def stem_of(source: str) -> str:
    """What files that are saved of a source are named after: its name, a long one's begin."""
    return _short(re.sub(r"[^\w.-]+", "-", Path(source).stem).strip("-.")) or "frame"


def target_of(path: Path) -> Path:
    """What a file is written to: where it is a link what that leads to, which may not be there."""
    return Path(os.path.realpath(path)) if os.path.islink(path) else path


def part_of(path: Path) -> Path:
    """Where a file stands until it is whole: beside its target, under a name that no file has.

    In a container each run may have the process number of the one that crashed before it.
    """
    target = target_of(path)
    own = f"{_short(target.stem)}.{os.getpid()}"
    stems = (own if n == 1 else f"{own}_{n}" for n in itertools.count(1))
    names = (target.with_name(f"{stem}.part{path.suffix}") for stem in stems)
    return next(name for name in names if not os.path.lexists(name))


def _short(stem: str) -> str:
    """The begin of a long name, in whole letters."""
    return os.fsencode(stem)[:STEM_BYTES].decode(sys.getfilesystemencoding(), "ignore")


def check_output(path: Path, force: bool = False, inputs: Sequence[str] = ()) -> None:
    """Makes sure that a file may and can be written, before any work is done.

    Args:
        path: the file to write.
        force: whether it may exist already.
        inputs: sources being read, which it must not be.

    Raises:
        OutputError: it must not or cannot be written.
    """
    if os.path.isdir(path):
        raise OutputError(f"{path}: is a folder; name a file in it")
    exists, is_file = os.path.exists(path), os.path.isfile(path)
    if exists and any(os.path.exists(name) and path.samefile(name) for name in inputs):
        raise OutputError(f"{path}: is also a source being read; choose another name")
    if is_file and not force:
        raise OutputError(f"{path}: exists; choose another name, or give --force")
    folder = target_of(path).parent
    if not os.path.isdir(folder):
        raise OutputError(f"{path}: there is no folder {folder}; make it first")
    _check_length(path)
    if not exists or is_file:  # /dev/null and its kind make no file beside them
        check_writable(folder)


def _check_length(path: Path) -> None:
    try:
        os.lstat(path)
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise OutputError(f"{path}: {error.strerror}; choose a shorter one") from error


def check_writable(folder: Path) -> None:
    """Makes and removes a file there: the only answer that holds on every system.

    Raises:
        OutputError: the folder takes no file.
    """
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise OutputError(
            f"{folder}: cannot be written ({error.strerror}); choose another folder"
        ) from error
