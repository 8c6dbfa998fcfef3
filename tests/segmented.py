"""What the segmentation finds on a picture, as the recogniser puts it together."""

from camlive.detection import Image
from camlive.segment.region import Region, to_full
from camlive.segment.regions import marks_of, whole_regions
from camlive.segment.touching import all_pieces
from camlive.segment.working_copy import FRAME_PX, working_copy


def find_regions(image: Image) -> list[Region]:
    """The regions kept, in pixels of the picture, and what was refused."""
    copy = working_copy(image, FRAME_PX)
    marks = marks_of(copy)
    whole = whole_regions(marks, copy.most_regions)
    found = (*whole, *(mark for mark in marks if mark.refused))
    return [to_full(region, copy) for region in found]


def find_whole(image: Image) -> list[Region]:
    """The regions kept alone."""
    return [region for region in find_regions(image) if not region.refused]


def find_pieces(image: Image) -> list[Region]:
    """All pieces of the marks, in pixels of the picture."""
    copy = working_copy(image, FRAME_PX)
    return [to_full(piece, copy) for piece in all_pieces(marks_of(copy))]
