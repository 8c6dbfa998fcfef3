"""A picture, read as one frame."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from camlive.capture.base import DEFAULT_FPS, Source
from camlive.capture.decoder import most_pixels, silence, too_large
from camlive.capture.sources import HEIC
from camlive.detection import Frame, Image
from camlive.errors import SourceError

JPEG = b"\xff\xd8"  # what a JPEG begins with
PNG, PNG_END = b"\x89PNG", b"IEND"  # what a PNG begins with, and its last chunk
LIGHT = 128  # of 255: ink lighter than this was meant for a dark ground
INK = 0.5  # how opaque the ink of a transparent picture is at least; less are its edges
EXIF = cv2.IMAGE_METADATA_EXIF
BYTES_A_PIXEL = 8  # of the largest pictures, those of 16 bits with transparency


class NoPictureError(SourceError):
    """A file is no picture, whatever its name says, or is damaged."""


class PictureSource(Source):
    """A picture: one frame, or the same one for ever."""

    def __init__(self, name: str, image: Image, loop: bool, pages: int) -> None:
        super().__init__(name, image, DEFAULT_FPS, None if loop else 1)
        self._pages = pages
        self._image = image
        self.endless = loop

    def __iter__(self) -> Iterator[Frame]:
        if self._pages > 1:
            self.say(f"{self.name}: its first page is read, of {self._pages}; save each by itself")
        for index in itertools.count() if self.endless else range(1):
            # A copy: the loop may draw on a frame that it is done with.
            yield Frame(self._image.copy(), index, index / self.fps, self.name)


def read_picture(path: Path) -> Image:
    """Decodes a picture, upright as its EXIF says, into (H, W, 3) uint8 BGR.

    Raises:
        NoPictureError: it is no picture.
        SourceError: it cannot be read or is cut short.
    """
    silence()
    try:
        if path.stat().st_size > BYTES_A_PIXEL * most_pixels():
            raise too_large(str(path))
        data = path.read_bytes()
        if not _is_whole(data):
            raise SourceError(f"{path}: the picture is cut short; copy it again")
        image = _decoded(data) if data else None
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror}; check who may read it") from error
    except cv2.error as error:
        raise too_large(str(path)) from error
    if image is None and path.suffix.lower() in HEIC:
        raise SourceError(f"{path}: HEIC pictures cannot be read; save it as JPEG or PNG")
    if image is None:
        raise NoPictureError(f"{path}: is no picture that can be read; check the file")
    return image


def _decoded(data: bytes) -> Image | None:
    """Decodes a picture; what is transparent is laid on white, or on black if its ink is light."""
    stored = np.frombuffer(data, np.uint8)
    image = cv2.imdecode(stored, cv2.IMREAD_COLOR)
    if image is None or data.startswith(JPEG):  # which is never transparent
        return image  # type: ignore[return-value]
    opaque = _opacity(stored)
    if opaque is None or opaque.shape[:2] != image.shape[:2]:
        return image  # type: ignore[return-value]
    opaque /= max(1, opaque.max())
    ink = np.asarray(image)[opaque[..., 0] >= INK]
    ground = np.float32(255 if ink.size and ink.mean() < LIGHT else 0)
    return np.asarray(np.rint(ground + opaque * (image - ground)), np.uint8)


def _opacity(stored: Image) -> npt.NDArray[np.float32] | None:
    """How opaque a picture is, (H, W, 1), any range, upright; None where nothing is transparent."""
    whole, kinds, blocks = cv2.imdecodeWithMetadata(stored, cv2.IMREAD_UNCHANGED)
    if whole is None or whole.ndim < 3 or whole.shape[2] != 4:
        return None
    opaque: cv2.typing.MatLike | None = whole[..., 3]
    exif = [block for kind, block in zip(kinds, blocks, strict=True) if kind == EXIF]
    if exif:  # by which OpenCV turns a grey picture, but none that it reads as it is
        turned = cv2.imencodeWithMetadata(".png", whole[..., 3], [EXIF], exif)[1]
        opaque = cv2.imdecode(turned, cv2.IMREAD_GRAYSCALE | cv2.IMREAD_ANYDEPTH)
    return np.asarray(opaque, np.float32)[..., None]


def _is_whole(data: bytes) -> bool:
    """Whether a JPEG or PNG has its end; what is neither passes.

    In a JPEG the end marker must follow the picture itself, not just an embedded thumbnail.
    """
    if data.startswith(PNG):
        return PNG_END in data
    if not data.startswith(JPEG):
        return True
    at = 2
    while data[at + 1 : at + 2] not in (b"\xda", b""):  # start of scan, or no more data
        is_filler = data[at + 1] == 0xFF  # any number of them may stand before a marker
        at += 1 if is_filler else 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return data.find(b"\xff\xd9", at) >= 0
