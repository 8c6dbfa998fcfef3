"""The copy of bounded size on which a picture is searched: it bounds a frame's cost."""

from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import numpy.typing as npt

from camlive.detection import Image

Way = npt.NDArray[np.float64]  # (2, 3), from x, y, 1 to x, y
FRAME_PX = 960  # longest side of the copy of a camera's or recording's frame, for speed
PICTURE_PX = 1920  # and of a picture's, so that small digits are read
FRAME_REGIONS = 256  # that are read of a frame: noise and textures cannot explode the batch
WINDOW = 1 / 6  # of the short side: that of the threshold's window, wider than most strokes
NEAR_PX = 320  # longest side of the copy on which digits as high as the picture are sought
MOST_NEARER = 4.0  # times the picture, at most
NEAR_WINDOW = 1 / 2  # the strokes of such digits are broader than a sixth of it
NEAR_REGIONS = 16  # few are so high


@dataclass(frozen=True, slots=True, eq=False)
class WorkingCopy:
    """A picture's copy.

    Attributes:
        image: (H', W', 3) uint8 BGR, the copy; the picture itself where its size serves.
        scale: a side of the picture over that of the copy.
        shape: of the picture, (H, W, 3).
        most_regions: so many of its marks are read, and as many pieces of those.
        tilt: by how many degrees the page is turned clockwise on the picture: the copy is turned
            back by that, and shape is that of the picture turned so.
        way: from pixels of the turned picture to those of the picture.
        window: side of the threshold's window over the copy's short side.
    """

    image: Image
    scale: float
    shape: tuple[int, ...]
    most_regions: int
    tilt: int = 0
    way: Way = field(default_factory=lambda: np.eye(2, 3))
    window: float = WINDOW


def working_copy(image: Image, side_px: int = FRAME_PX, enlarged: float = 1.0) -> WorkingCopy:
    """The copy of a picture.

    Args:
        image: (H, W, 3) uint8 BGR.
        side_px: the most that the copy's longer side has; the more it is, the more is read.
        enlarged: 1 or more, how many times as long as the picture's that side may be.

    Raises:
        ValueError: the image has another shape or type, or no pixels.
    """
    if image is None:
        raise ValueError("expected (H, W, 3) uint8 BGR, got None: OpenCV read no picture")
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or not image.size:
        raise ValueError(f"expected (H, W, 3) uint8 BGR, got {image.dtype} {image.shape}")
    scale = max(1 / enlarged, max(image.shape[:2]) / side_px)
    most_regions = round(FRAME_REGIONS * max(1.0, side_px / FRAME_PX) ** 2)
    return WorkingCopy(resized(image, scale), scale, image.shape, most_regions)


def near_copy(image: Image) -> WorkingCopy:
    """A copy on which few marks are sought, as high as the picture, their strokes ever so broad.

    In a window of the usual size such strokes are hollow, and light ones dark beside. Arguments and
    errors as above.
    """
    copy = working_copy(image, NEAR_PX, MOST_NEARER)
    return replace(copy, window=NEAR_WINDOW, most_regions=NEAR_REGIONS)


def resized(image: Image, scale: float) -> Image:
    """The picture with its sides divided by a scale above 0."""
    if scale == 1:
        return image
    size = max(1, round(image.shape[1] / scale)), max(1, round(image.shape[0] / scale))
    # Between 1 and 2 the one that is the faster where it serves.
    ways = (cv2.INTER_CUBIC, cv2.INTER_LINEAR, cv2.INTER_AREA)
    return np.asarray(cv2.resize(image, size, interpolation=ways[min(2, int(scale))]), np.uint8)
