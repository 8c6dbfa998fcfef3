"""What vouches for digits that the page speaks against: sure ones in their row, column or table."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import fmean, median, pstdev

from camlive.detection import Box, Digit
from camlive.judge.verdict import ALIKE, SURE, is_telling
from camlive.reading import stand_together

APART = 3.0  # of a mark's height, or in a column of its width: as far apart in a table or form
ROW, COLUMN = 2, 3  # very sure digits, at least, that vouch for the others in their row, or column
ROW_NONE, COLUMN_NONE = 0.25, 0.0  # marks of their ink, at most, to each digit of it that are none
COLUMN_RATIO = 3.0  # of the wider to the narrower of two marks in a column, at most
BESIDE, BELOW = 8.0, 6.0  # of a mark's height: as far apart the cells of a table may be
OF_FOUR = 3  # sure digits among four neighbours in a table, at least
TABLE = 6  # digits of one, at least
BY_HAND = 0.06  # deviation of their heights over the mean, at least: print is of one height


def vouched_for(
    digits: Sequence[Digit], others: Sequence[Digit], contrasts: Mapping[Digit, float]
) -> set[Digit]:
    """The digits that stand in line with very sure ones, or in a table.

    Args:
        digits: all of the frame.
        others: its marks that are none.
        contrasts: of the ink of the digits, and of the others where it is known: only what has the
            digits' ink speaks against them, pieces of ruled squares about them are fainter.
    """
    return _in_line(digits, others, contrasts) | _in_tables(digits, others, contrasts)


def _in_line(
    digits: Sequence[Digit], others: Sequence[Digit], contrasts: Mapping[Digit, float]
) -> set[Digit]:
    """The digits of rows and columns of very sure ones with hardly anything that is none."""
    marks = [*digits, *others]
    rows = stand_together(marks, gap=APART)
    columns = stand_together([*map(_transposed, marks)], COLUMN_RATIO, APART)
    vouched = [(row, ROW, ROW_NONE) for row in rows]
    vouched += [(column, COLUMN, COLUMN_NONE) for column in columns]
    found: set[Digit] = set()
    for line, number, share in vouched:
        among = [digits[k] for k in line if k < len(digits)]
        if sum(map(is_telling, among)) < number:
            continue
        least = _palest(among, contrasts)
        none = sum(contrasts.get(marks[k], least) >= least for k in line if k >= len(digits))
        if none <= share * len(among):
            found.update(among)
    return found


def _in_tables(
    digits: Sequence[Digit], others: Sequence[Digit], contrasts: Mapping[Digit, float]
) -> set[Digit]:
    """The digits of tables: fours of them, two above two, that share some, and most are sure.

    Noughts and ones do not vouch for others in a line, letters are often read as these. But words
    have no such fours.
    """
    least = _palest(digits, contrasts)
    marks = [*digits, *(mark for mark in others if contrasts.get(mark, least) >= least)]
    right = _next(stand_together(marks, gap=BESIDE))
    below = _next(stand_together([*map(_transposed, map(_squared, marks))], gap=BELOW))
    fours = [
        {k, right[k], below[k], right[below[k]]}
        for k in right.keys() & below.keys()
        if right.get(below[k], -1) == below.get(right[k])
    ]
    sure = {k for k, digit in enumerate(digits) if digit.confidence >= SURE}
    whole = [f for f in fours if max(f) < len(digits) and len(f & sure) >= OF_FOUR]
    tables = ([digits[k] for k in table] for table in _joined(whole))
    return {digit for table in tables if _is_written(table) for digit in table}


def _is_written(table: Sequence[Digit]) -> bool:
    """Whether a table is large enough, and written by hand."""
    heights = [digit.box.height for digit in table]
    return len(heights) >= TABLE and pstdev(heights) >= BY_HAND * fmean(heights)


def _joined(fours: Iterable[set[int]]) -> list[set[int]]:
    """Those that share some, in one set each."""
    joined: list[set[int]] = []
    for four in fours:
        touching = [other for other in joined if other & four]
        joined = [other for other in joined if not other & four] + [four.union(*touching)]
    return joined


def _next(lines: Sequence[Sequence[int]]) -> dict[int, int]:
    """For each mark of some lines, but their last ones, the next."""
    return {mark: after for line in lines for mark, after in pairwise(line)}


def _palest(digits: Sequence[Digit], contrasts: Mapping[Digit, float]) -> float:
    """The least contrast of the ink that some digits are written with."""
    return median(contrasts[digit] for digit in digits) / ALIKE


def _squared(mark: Digit) -> Digit:
    """A mark with as much room to the left and right as above and below: a 1 is as a 0."""
    side = max(mark.box.width, mark.box.height)
    x, y = mark.box.middle
    return replace(mark, box=Box(round(x - side / 2), round(y - side / 2), side, side))


def _transposed(mark: Digit) -> Digit:
    """A mark with x and y in each other's place."""
    box = mark.box
    return replace(mark, box=Box(box.y, box.x, box.height, box.width))
