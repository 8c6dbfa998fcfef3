"""Which boxes of a frame lie over the same ink, all at once."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from camlive.detection import Box

SAME_INK = 0.5  # of the smaller box: two regions that share more are readings of the same ink
WITHIN = 0.8  # of its area: a region that lies so far in another is a part of it

Relation = npt.NDArray[np.bool_]  # (N, N)


def overlaps(boxes: Sequence[Box]) -> tuple[Relation, Relation]:
    """How boxes lie to each other.

    Args:
        boxes: N boxes.

    Returns:
        Whether the box of a row and that of a column are of the same ink, and whether the first
        lies within the second; each (N, N).
    """
    low = np.array([(box.x, box.y) for box in boxes]).reshape(-1, 2)
    high = np.array([(box.right, box.bottom) for box in boxes]).reshape(-1, 2)
    shared = (np.minimum(high[:, None], high) - np.maximum(low[:, None], low)).clip(0).prod(-1)
    area = (high - low).prod(-1)
    return shared > SAME_INK * np.minimum(area[:, None], area), shared > WITHIN * area[:, None]


def apart(order: Iterable[int], same: Relation) -> list[int]:
    """Those boxes, in the order given, that are of other ink than all those chosen before."""
    chosen: list[int] = []
    for index in order:
        if not same[index, chosen].any():
            chosen.append(index)
    return chosen
