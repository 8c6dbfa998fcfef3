"""Frames and crops as image files in a folder."""

import itertools
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import cv2

from camlive.detection import Digit, Frame, Image
from camlive.errors import OutputError
from camlive.record.output import FULL, check_output, check_writable, part_of, stem_of, target_of
from camlive.record.pace import Due
from camlive.record.sink import Sink
from camlive.signals import signals_held

JPEG_QUALITY = 95  # of 100


class FolderSink(Sink):
    """Writes images into a folder, named by source and frame.

    Args:
        folder: made if missing, with its parents.
        force: whether the folder may hold files already.
        inputs: what is being read; none of it may lie in the folder.
        due: which frames are saved; all, if it is not given.

    Raises:
        OutputError: the folder cannot be written or must not be.
    """

    def __init__(
        self,
        folder: Path,
        force: bool = False,
        inputs: Sequence[str] = (),
        due: Due | None = None,
    ) -> None:
        if os.path.exists(folder) and not os.path.isdir(folder):
            raise OutputError(f"{folder}: is a file; name a folder")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            filled = any(folder.iterdir())
            own = any(os.path.exists(i) and folder.samefile(Path(i).parent) for i in inputs)
        except OSError as error:
            raise OutputError(f"{folder}: {error.strerror}; choose another folder") from error
        if own:
            raise OutputError(f"{folder}: holds a source being read; choose another folder")
        if filled and not force:
            raise OutputError(f"{folder}: is not empty; choose another folder, or give --force")
        check_writable(folder)
        self._folder = folder
        self._due = due or Due()
        self._prefixes: set[str] = set()
        self._prefix = ""  # of this source, once it has one

    def begin(self, live: bool, endless: bool) -> None:  # noqa: ARG002
        """Names what comes apart from all before, also where it is the same source again."""
        self._prefix = ""
        self._due.begin()

    def _takes(self, frame: Frame, digits: Sequence[Digit]) -> bool:
        """Whether the frame is saved; a source of which none is has its prefix, too."""
        self._prefix = self._prefix or self._free_prefix(frame.source)
        return self._due(frame, digits)

    def _save(self, frame: Frame, ending: str, image: Image) -> None:
        path = self._folder / f"{self._prefix}-{frame.index:06d}{ending}"
        write_image(path, image)
        self.saved = self._folder

    def _free_prefix(self, source: str) -> str:
        """The source's stem, numbered where one before has the same."""
        stem = stem_of(source)
        names = (stem if n == 1 else f"{stem}_{n}" for n in itertools.count(1))
        prefix = next(name for name in names if name not in self._prefixes)
        self._prefixes.add(prefix)
        return prefix


class FrameSink(FolderSink):
    """Writes each annotated frame as `<source>-<frame>.jpg`."""

    needs_plain = False

    def write(self, frame: Frame, digits: Sequence[Digit], annotated: Image) -> None:
        """Writes the annotated frame, if it is due."""
        if self._takes(frame, digits):
            self._save(frame, ".jpg", annotated)


class CropSink(FolderSink):
    """Writes each digit, cut from the frame as decoded, as `<source>-<frame>-<k>-<digit>.png`."""

    needs_drawn = False

    def write(self, frame: Frame, digits: Sequence[Digit], annotated: Image) -> None:  # noqa: ARG002
        """Writes a crop of each digit, if the frame is due."""
        for k, digit in enumerate(digits if self._takes(frame, digits) else ()):
            box = digit.box
            crop = frame.image[max(0, box.y) : box.bottom, max(0, box.x) : box.right]
            self._save(frame, f"-{k:03d}-{digit.digit}.png", crop)


def check_picture(path: Path, force: bool = False, inputs: Sequence[str] = ()) -> None:
    """Makes sure that a picture may and can be written; see `check_output`.

    Raises:
        OutputError: it must not or cannot be written, or its suffix is that of no picture.
    """
    suffix = path.suffix
    if not suffix.isascii() or not cv2.haveImageWriter(f"picture{suffix}"):  # else it may crash
        raise OutputError(f"{path}: name the picture .png, .jpg or .webp, not {suffix!r}")
    check_output(path, force, inputs)


def write_image(path: Path, image: Image) -> None:
    """Writes an image whole or not at all, in the format of the path's suffix.

    Args:
        path: the file, replaced if it exists.
        image: (H, W, 3) uint8 BGR.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        fits, data = cv2.imencode(path.suffix, image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    except cv2.error:
        fits = False
    if not fits:
        size = f"{image.shape[1]}x{image.shape[0]}"
        raise OutputError(
            f"{path}: {size} pixels cannot be written as {path.suffix!r}; make the picture smaller"
        )
    part = part_of(path)
    try:
        with signals_held():
            part.write_bytes(data.tobytes())
            os.replace(part, target_of(path))
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        remedy = "free some space there" if error.errno in FULL else "choose another folder"
        raise OutputError(f"{path}: {error.strerror}; {remedy}") from error
