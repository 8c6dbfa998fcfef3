"""The pieces of marks, read from left to right."""

from collections.abc import Callable, Sequence
from itertools import compress

import numpy as np
import numpy.typing as npt

from camlive.detection import NOT_A_DIGIT, Image, Probabilities
from camlive.judge.verdict import LIKELY_PIECE, SURE_PIECE
from camlive.segment.region import Region
from camlive.segment.touching import Cutting, cuttings, may_touch

AT_ONCE = 16  # places at which pieces begin that are read in one batch
LACKS = 0.05  # chance of a digit from which a piece may lack no more than a stroke

ReadTiles = Callable[[Sequence[Region]], tuple[list[Image], Probabilities]]
Piece = tuple[Cutting, Region]


def read_pieces(
    marks: Sequence[Region], held: Sequence[Region], read_tiles: ReadTiles, most: int
) -> tuple[list[Region], list[Image], Probabilities]:
    """Reads what outlines hold, and the pieces of marks.

    Pieces that begin where another ends are read only if that one is a likely digit: of most marks
    that are no digits that is the first few. One number is read to its end before the next are
    begun. A piece that is no sure digit is read again with the strokes beside it, which it may
    share with its neighbours.

    Args:
        marks: those to cut.
        held: what outlines hold.
        read_tiles: N regions -> N tiles (28, 28) uint8 and their probabilities (N, 11).
        most: so many pieces are read.

    Returns:
        The pieces, their tiles and probabilities.
    """
    pieces = list(held[:most])
    tiles, chances = read_tiles(pieces)
    waiting = [mark for mark in marks if may_touch(mark)]
    going_on: list[tuple[Cutting, int]] = []
    seen: set[tuple[Cutting, int]] = set()

    def sureness(found: list[Piece]) -> npt.NDArray[np.float32]:
        """Reads pieces, as many as there is room for; how surely each is a digit."""
        nonlocal tiles, chances
        new = [piece for _, piece in found[: most - len(pieces)]]
        new_tiles, new_chances = read_tiles(new)
        pieces.extend(new)
        tiles, chances = tiles + new_tiles, np.concatenate([chances, new_chances])
        return np.asarray(new_chances[:, :NOT_A_DIGIT].max(axis=1), np.float32)

    while (going_on or waiting) and len(pieces) < most:
        room = max(0, AT_ONCE - len(going_on))
        begun = going_on[:AT_ONCE] + [(cutting, 0) for cutting in cuttings(waiting[:room])]
        going_on, waiting = going_on[AT_ONCE:], waiting[room:]
        alone = [(cutting, piece) for cutting, start in begun for piece in cutting.pieces(start)]
        sure = sureness(alone)
        lacking = compress(alone, (sure >= LACKS) & (sure < SURE_PIECE))
        sharing = [(cutting, more) for cutting, piece in lacking for more in cutting.sharing(piece)]
        sure = np.concatenate([sure, sureness(sharing)])
        digits = compress(alone[: len(sure)] + sharing, sure >= LIKELY_PIECE)
        ends = dict.fromkeys((cutting, piece.span[1]) for cutting, piece in digits)
        going_on = [end for end in ends if end not in seen] + going_on
        seen.update(ends)
    return pieces, tiles, chances
