"""What the line below a frame says of its source."""

import numpy as np
import pytest

from camlive.capture.base import Source
from camlive.detection import Frame
from camlive.view.status import figures

FRAME = Frame(np.zeros((48, 64, 3), np.uint8), 0, 0.0, "0")


class Camera(Source):
    """Its frames are shown an eighth of a second after they came."""

    live = True

    def age_s(self, frame: Frame) -> float:  # noqa: ARG002
        return 0.125


@pytest.mark.parametrize(
    ("kind", "digits", "says"),
    [
        (Camera, 2, "12 fps   125 ms late   3 dropped   2 digits"),
        (Source, 1, "12 fps   1 digit"),
    ],
)
def test_only_of_a_live_source_it_is_said_how_late_frames_are_and_how_many_are_dropped(
    kind: type[Source], digits: int, says: str
) -> None:
    source = kind("0", FRAME.image, 25, None)
    source.dropped = 3
    assert figures(source, 12.3, FRAME, digits) == says
