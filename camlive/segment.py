"""Image -> ink mask -> contours -> candidate regions, each kept or refused with a reason."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from camlive.detection import Box, Image

WORK_PX = 960  # longest side of the copy on which regions are found: bounds a frame's cost
WINDOW = 1 / 6  # side of the threshold's window over the picture's short side: wider than strokes
LEAST_CONTRAST = 0.075  # ink is at least this much darker than its surroundings, relatively
NOISE_FACTOR = 4.0  # and at least so many times the noise
DARK_OFFSET = 16  # grey levels added before the logarithm: sensors are noisy in the dark
LEAST_HEIGHT_PX = 8  # on the copy; smaller marks hold too little to be read
LEAST_SIDE_PX = 2
MOST_REGIONS = 256  # the highest are kept: noise and textures cannot explode the batch
MOST_ASPECT = 1.8  # width over height of a single digit, a slanted one included
CLEAR_CONTRAST = 2.5  # least contrast in deviations of the ground around the mark
LEAST_LIGHT = 1.25  # light ink on a dark board is at least this many times as bright
LONG_RULE = 0.3  # of the picture: a mark this long may hold a ruled line or a frame
SHORT_RULE = 0.09  # of the picture's longer side: the shortest piece of a line that is a rule
RULE_VOTES = 0.05  # of it: points on a line that make it one
RULE_GAP = 0.011  # of it: the longest gap within a line
PAPER = 0.9  # share of a channel's pixels that are no brighter than the paper
BRIGHT = 0.998  # and than the brightest spots, chalk on a board among them
WHITE = 250  # their level in the brightest channel of the balanced picture
MOST_GAIN = 4.0  # more would raise noise
RULE_PX = 3  # the widest rule on the copy
MOST_SLOPE = 1 / 3  # of a rule from level or upright
HALF = 110  # coverage of 255 at which ink ends: half its contrast, a little less for thin strokes
MOST_PARTS = 6  # more than this is texture
JOIN_GAP = 0.18  # of the joined height: a detached stroke is at most this far away
JOIN_HEIGHT = 0.6  # of the joined height: the smaller piece is at most this high
JOIN_INSIDE = 0.8  # of its area: a mark that lies further than this within another is no piece
LOG_STEPS = 255 / float(np.log(255 + DARK_OFFSET))  # grey levels per e-fold

Contour = npt.NDArray[np.int32]  # (N, 1, 2) x, y


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A mark that may be a digit.

    Attributes:
        box: tight around the ink, in pixels of the image.
        ink: (H, W) uint8, the mark's coverage by ink, 0 to 255; empty if refused.
        refused: why it cannot be a digit, in words; empty if it may be one.
        contrast: of the ink to the ground, in steps of the logarithmic grey scale.
        clarity: the contrast in deviations of the bare ground around the mark.
        crowd: share of the surrounding box that other ink covers, 0 to 1.
    """

    box: Box
    ink: Image
    refused: str = ""
    contrast: float = 0.0
    clarity: float = 0.0
    crowd: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class _Plane:
    """One polarity of the working copy: ink is dark in grey; mask is its threshold.

    Others is the mask, too, or what of it may crowd a mark.
    """

    grey: Image
    mask: Image
    others: Image


_EMPTY = np.zeros((0, 0), np.uint8)
_SQUARE = np.ones((3, 3), np.uint8)


def find_regions(image: Image) -> list[Region]:
    """Finds the marks of a picture that may be digits.

    Both polarities are searched, dark ink in the darkest channel and light ink in the lightest,
    so that ink of any colour shows. A mark that falls apart at half its contrast is given whole
    and in parts, and a small mark close to a larger one also joined with it: the regions may
    overlap, and the classifier chooses.

    Args:
        image: (H, W, 3) uint8 BGR.

    Returns:
        The regions kept, and after them those refused with their reasons; at most 256 kept.
    """
    scale = max(1.0, max(image.shape[:2]) / WORK_PX)
    copy = _shrink(image, scale)
    marks = [mark for plane in _planes(copy) for mark in _marks(plane)]
    kept = sorted((m for m in marks if not m.refused), key=lambda m: -m.box.height)
    kept = _with_joined(kept[:MOST_REGIONS])[:MOST_REGIONS]
    refused = [m for m in marks if m.refused]
    return [_to_full(m, scale, image.shape) for m in [*kept, *refused]]


def ink_mask(image: Image) -> Image:
    """The adaptive threshold of a picture's dark ink.

    Args:
        image: (H, W, 3) uint8 BGR.

    Returns:
        (H', W') uint8 {0, 255}, ink 255, of the copy bounded to 960 pixels.
    """
    return _planes(_shrink(image, max(1.0, max(image.shape[:2]) / WORK_PX)))[0].mask


def _shrink(image: Image, scale: float) -> Image:
    if scale == 1:
        return image
    size = max(1, round(image.shape[1] / scale)), max(1, round(image.shape[0] / scale))
    interpolation = cv2.INTER_LINEAR if scale < 2 else cv2.INTER_AREA  # the faster where it serves
    return np.asarray(cv2.resize(image, size, interpolation=interpolation), np.uint8)


def _planes(image: Image) -> tuple[_Plane, _Plane]:
    """Dark ink and light ink, each as dark on light in logarithmic grey: ratios are steps."""
    blue, green, red = _balanced(cv2.split(image))
    table = _log_table()
    dark = cv2.LUT(cv2.min(cv2.min(blue, green), red), table)
    light = cv2.LUT(cv2.max(cv2.max(blue, green), red), 255 - table)
    return (
        _plane(np.asarray(dark, np.uint8), LEAST_CONTRAST),
        _plane(np.asarray(light, np.uint8), 1 - 1 / LEAST_LIGHT),
    )


def _balanced(channels: Sequence[cv2.typing.MatLike]) -> list[cv2.typing.MatLike]:
    """Channels scaled so that the paper is grey and the brightest spots are white.

    On yellow paper blue ink then stands out, too, and a dark picture has the same steps.
    """
    levels = np.array([_percentiles(channel) for channel in channels])
    gains = (levels[:, 0].max() / levels[:, 0]).clip(1, MOST_GAIN)
    gains *= (WHITE / (levels[:, 1] * gains).max()).clip(1, MOST_GAIN)
    return [cv2.convertScaleAbs(c, alpha=float(g)) for c, g in zip(channels, gains, strict=True)]


def _percentiles(channel: cv2.typing.MatLike) -> npt.NDArray[np.int64]:
    """The levels of a channel's paper and of its brightest spots, at least 1."""
    counts = np.bincount(np.asarray(channel[::4, ::4]).ravel(), minlength=256).cumsum()
    found = np.searchsorted(counts, counts[-1] * np.array([PAPER, BRIGHT]))
    return np.asarray(found.clip(1), np.int64)


@cache
def _log_table() -> Image:
    steps = LOG_STEPS * np.log(np.arange(256) + DARK_OFFSET)
    return np.asarray(np.round(steps - steps[0]).clip(0, 255), np.uint8)


def _plane(grey: Image, contrast: float) -> _Plane:
    """Thresholds against the mean of a large window, by a relative step above the noise."""
    window = max(15, int(min(grey.shape) * WINDOW)) | 1
    step = max(-np.log(1 - contrast) * LOG_STEPS, NOISE_FACTOR * _noise(grey))
    smooth = cv2.GaussianBlur(grey, (3, 3), 0)
    mask = cv2.adaptiveThreshold(
        smooth, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, window, step
    )
    return _Plane(grey, np.asarray(mask, np.uint8), np.asarray(mask, np.uint8))


def _noise(grey: Image) -> float:
    """Standard deviation of the pixel noise, after Immerkaer (CVIU 64, 1996), by the median."""
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    rows = grey[: grey.shape[0] // 8 * 8].reshape(-1, 8, grey.shape[1])[:, :4]
    if not rows.size:
        return 0.0
    response = cv2.filter2D(rows.reshape(-1, grey.shape[1]), cv2.CV_16S, kernel)
    return float(np.median(np.abs(response[1::4, ::4]))) * 1.4826 / 6


def _marks(plane: _Plane) -> Iterator[Region]:
    """The connected marks of a plane; long rules are taken out of what they join."""
    height, width = plane.mask.shape
    for box, contours in _components(plane.mask):
        if box.width > width * LONG_RULE or box.height > height * LONG_RULE:
            yield from _freed(plane, box, _drawn(contours, box))
        yield from _measured(plane, box, contours)


def _freed(plane: _Plane, box: Box, drawn: Image) -> Iterator[Region]:
    """The marks that are left of a large one without its rules; none if it holds no rule."""
    freed = _without_rules(drawn, max(plane.mask.shape))
    rules = cv2.subtract(drawn, freed)
    if not cv2.hasNonZero(rules):
        return
    others = plane.mask.copy()  # a digit on a rule is not crowded by it
    window = others[box.y : box.bottom, box.x : box.right]
    window[:] = cv2.subtract(window, rules)
    for part, outlines in _components(freed, (box.x, box.y)):
        yield from _measured(replace(plane, others=others), part, outlines)


def _components(
    mask: Image, offset: tuple[int, int] = (0, 0)
) -> Iterator[tuple[Box, list[Contour]]]:
    """Each connected component that is not tiny: box, outer contour and those of its holes."""
    found, hierarchy = cv2.findContours(
        mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE, offset=offset
    )
    contours = cast("Sequence[Contour]", found)
    links = hierarchy[0].tolist() if contours else []
    for contour, (_, _, child, parent) in zip(contours, links, strict=True):
        if parent >= 0 or len(contour) < 4:
            continue
        box = Box(*cv2.boundingRect(contour))
        if max(box.width, box.height) < LEAST_HEIGHT_PX:
            continue
        holes = []
        while child >= 0:
            holes.append(contours[child])
            child = links[child][0]
        yield box, [contour, *holes]


def _drawn(contours: Sequence[Contour], box: Box, margin: int = 0) -> Image:
    """A component's mask over its box widened by a margin."""
    mask = np.zeros((box.height + 2 * margin, box.width + 2 * margin), np.uint8)
    offset = (margin - box.x, margin - box.y)
    cv2.drawContours(mask, contours, -1, 255, cv2.FILLED, offset=offset)
    return mask


def _without_rules(mask: Image, side: int) -> Image:
    """Takes long thin lines out of a mask and mends the strokes that they crossed."""
    thick = max(5, side // 100)
    square = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((thick, thick), np.uint8))
    thin = np.asarray(cv2.subtract(mask, cv2.dilate(square, _SQUARE)), np.uint8)
    lines = _lines(thin, side)
    for across in (False, True):
        rules = _drawn_rules(lines, thin, across)
        free = cv2.subtract(mask, rules)
        closer = np.ones((1, 2 * thick) if across else (2 * thick, 1), np.uint8)
        mended = cv2.morphologyEx(free, cv2.MORPH_CLOSE, closer)
        mask = np.asarray(cv2.bitwise_or(free, cv2.bitwise_and(mended, rules)), np.uint8)
    return mask


def _lines(thin: Image, side: int) -> list[list[int]]:
    """Ends x, y, x, y of the straight lines (Matas et al., CVIU 78, 2000) of a mask."""
    size = max(1, thin.shape[1] // 2), max(1, thin.shape[0] // 2)  # half suffices, and is cheaper
    small = cv2.threshold(cv2.resize(thin, size, interpolation=cv2.INTER_AREA), 0, 255, 0)[1]
    found = cv2.HoughLinesP(
        small,
        1,
        np.pi / 180,
        round(side / 2 * RULE_VOTES),
        minLineLength=side / 2 * SHORT_RULE,
        maxLineGap=side / 2 * RULE_GAP,
    )
    return [] if found is None else cast("list[list[int]]", (2 * found.reshape(-1, 4)).tolist())


def _drawn_rules(lines: Sequence[Sequence[int]], thin: Image, across: bool) -> Image:
    """The thin ink along those lines that are nearly level, or across, nearly upright."""
    rules = np.zeros_like(thin)
    for x, y, right, bottom in lines:
        width, height = abs(right - x), abs(bottom - y)
        if (height, width)[across] < (width, height)[across] * MOST_SLOPE:
            cv2.line(rules, (x, y), (right, bottom), 255, RULE_PX)
    return np.asarray(cv2.bitwise_and(rules, thin), np.uint8)


def _measured(plane: _Plane, box: Box, contours: Sequence[Contour]) -> Iterator[Region]:
    """A component as a region; one that falls apart at half contrast also in parts."""
    refused = _refusal(box, plane.mask.shape)
    if refused:
        yield Region(box, _EMPTY, refused)
        return
    margin = max(2, box.height // 8)
    drawn = _drawn(contours, box, margin)
    top, left = max(0, box.y - margin), max(0, box.x - margin)
    window = np.s_[top : box.bottom + margin, left : box.right + margin]
    grey = plane.grey[window]
    own_y, own_x = top - box.y + margin, left - box.x + margin
    own = drawn[own_y : own_y + grey.shape[0], own_x : own_x + grey.shape[1]]
    ground, deviation = cv2.meanStdDev(grey, mask=cv2.bitwise_not(plane.mask[window]))
    contrast = float(ground[0, 0]) - cv2.mean(grey, mask=own)[0]
    if contrast < CLEAR_CONTRAST * float(deviation[0, 0]):
        yield Region(box, _EMPTY, "does not stand out from the ground around it")
        return
    fall = (float(ground[0, 0]) - grey) * (255 / max(contrast, 1))
    ink = cv2.bitwise_and(fall.clip(0, 255).astype(np.uint8), cv2.dilate(own, _SQUARE))
    beyond = cv2.bitwise_not(cv2.dilate(plane.mask[window], _SQUARE))
    clarity = contrast / max(1.0, float(cv2.meanStdDev(grey, mask=beyond)[1][0, 0]))
    crowd = cv2.countNonZero(cv2.subtract(plane.others[window], own)) / own.size
    for part in _levels(np.asarray(ink, np.uint8)):
        y, x = max(0, part.y - 1), max(0, part.x - 1)
        patch = np.asarray(ink[y : part.bottom + 1, x : part.right + 1], np.uint8)
        place = Box(left + part.x, top + part.y, part.width, part.height)
        yield Region(place, patch, "", contrast, clarity, crowd)


def _refusal(box: Box, shape: tuple[int, ...]) -> str:
    """Why a component of this geometry cannot be a digit; empty if it may."""
    if box.height < LEAST_HEIGHT_PX or min(box.width, box.height) < LEAST_SIDE_PX:
        return "too small"
    if box.width > MOST_ASPECT * box.height:
        return "too wide"
    if min(box.x, box.y) <= 0 or box.right >= shape[1] or box.bottom >= shape[0]:
        return "cut by the picture's edge"
    return ""


def _levels(ink: Image) -> Iterator[Box]:
    """The tight box of an ink patch, and those of its parts if it is several at half contrast."""
    half = cv2.threshold(ink, HALF, 255, cv2.THRESH_BINARY)[1]
    whole = Box(*cv2.boundingRect(half))
    if not whole.area:
        return
    yield whole
    least = max(LEAST_HEIGHT_PX, whole.height / 3)
    parts = [box for box, _ in _components(np.asarray(half, np.uint8)) if box.height > least]
    if 1 < len(parts) <= MOST_PARTS:
        yield from parts


def _with_joined(regions: Sequence[Region]) -> list[Region]:
    """Adds, for each small mark close to a larger one, the two as one region.

    A detached stroke (the bar of a 5) lies within a small gap of the rest, is much lower than
    the whole, and does not lie inside the rest already.
    """
    if len(regions) < 2:
        return list(regions)
    low = np.array([(r.box.x, r.box.y) for r in regions])
    high = np.array([(r.box.right, r.box.bottom) for r in regions])
    size = high - low
    whole = np.maximum(high[:, None], high) - np.minimum(low[:, None], low)
    shared = np.minimum(high[:, None], high) - np.maximum(low[:, None], low)
    height, overlap = whole[..., 1], shared.clip(0).prod(-1)
    joins = (
        (-shared.min(-1) <= JOIN_GAP * height)
        & (size[None, :, 1] <= JOIN_HEIGHT * height)
        & (whole[..., 0] <= MOST_ASPECT * height)
        & (overlap < JOIN_INSIDE * size.prod(1)[None])
    )
    pairs = np.argwhere(np.triu(joins, 1))
    return [*regions, *(_join(regions[large], regions[small]) for large, small in pairs)]


def _join(one: Region, other: Region) -> Region:
    box = one.box.union(other.box)
    ink = np.zeros((box.height + 2, box.width + 2), np.uint8)
    for region in (one, other):
        top, left = region.box.y - box.y, region.box.x - box.x
        window = ink[top : top + region.ink.shape[0], left : left + region.ink.shape[1]]
        patch = region.ink[: window.shape[0], : window.shape[1]]
        np.maximum(window, patch, out=window)
    return replace(one, box=box, ink=ink)


def _to_full(region: Region, scale: float, shape: tuple[int, ...]) -> Region:
    """The region with its box in pixels of the picture that the copy was made of."""
    if scale == 1:
        return region
    x, y = round(region.box.x * scale), round(region.box.y * scale)
    width = min(round(region.box.width * scale), shape[1] - x)
    height = min(round(region.box.height * scale), shape[0] - y)
    full = Box(x, y, width, height)
    return Region(full, region.ink, region.refused, region.contrast, region.clarity, region.crowd)
