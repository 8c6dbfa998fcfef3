"""How well digits were found and read: pure functions of true and read digits."""

from collections.abc import Sequence
from dataclasses import dataclass

from camlive.detection import Box, Digit
from camlive.reading import in_reading_order

LEAST_IOU = 0.3  # of a read box with a true one; pen strokes leave room for taste


@dataclass(frozen=True, slots=True)
class Counts:
    """Digits counted end to end.

    Attributes:
        true: digits in the truth.
        read: digits that the reader gave.
        found: true digits matched by a box, whatever its label.
        right: those among them with the right label.
    """

    true: int = 0
    read: int = 0
    found: int = 0
    right: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.true + other.true,
            self.read + other.read,
            self.found + other.found,
            self.right + other.right,
        )

    @property
    def precision(self) -> float | None:
        """Right digits among those read; None if none was."""
        return ratio(self.right, self.read)

    @property
    def recall(self) -> float | None:
        """Right digits among the true; None if there are none."""
        return ratio(self.right, self.true)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall; None where nothing is true and nothing read."""
        return ratio(2 * self.right, self.true + self.read)

    @property
    def found_rate(self) -> float | None:
        """True digits that a box was matched to, whatever its label; None without any."""
        return ratio(self.found, self.true)

    @property
    def read_rate(self) -> float | None:
        """Right labels among the matched; None without any."""
        return ratio(self.right, self.found)


@dataclass(frozen=True, slots=True)
class Loss:
    """A digit that went wrong: missed if nothing was read, false if nothing is true."""

    box: Box
    true: int | None
    read: int | None


def ratio(part: float, whole: float) -> float | None:
    """The part of the whole, None of nothing."""
    return part / whole if whole else None


def match(true: Sequence[Box], read: Sequence[Box]) -> list[tuple[int, int]]:
    """Pairs true and read boxes one to one, the highest IoU first.

    Returns:
        (index in true, index in read) of each pair with an IoU of at least 0.3.
    """
    overlaps = [(t.iou(r), i, j) for i, t in enumerate(true) for j, r in enumerate(read)]
    candidates = sorted((o for o in overlaps if o[0] >= LEAST_IOU), key=lambda o: -o[0])
    pairs: list[tuple[int, int]] = []
    taken_true: set[int] = set()
    taken_read: set[int] = set()
    for _, i, j in candidates:
        if i not in taken_true and j not in taken_read:
            pairs.append((i, j))
            taken_true.add(i)
            taken_read.add(j)
    return pairs


def count(true: Sequence[Digit], read: Sequence[Digit]) -> Counts:
    """Counts one picture; a digit is right if its box and its label are."""
    pairs = match([t.box for t in true], [r.box for r in read])
    right = sum(true[i].digit == read[j].digit for i, j in pairs)
    return Counts(len(true), len(read), len(pairs), right)


def rightly_read(true: Sequence[Digit], read: Sequence[Digit]) -> list[bool]:
    """Whether each digit read has the place and the label of a true one."""
    pairs = match([t.box for t in true], [r.box for r in read])
    right = {j for i, j in pairs if true[i].digit == read[j].digit}
    return [j in right for j in range(len(read))]


def losses(true: Sequence[Digit], read: Sequence[Digit]) -> list[Loss]:
    """What went wrong in one picture: mislabelled, then missed, then false digits."""
    pairs = match([t.box for t in true], [r.box for r in read])
    found, used = {i for i, _ in pairs}, {j for _, j in pairs}
    wrong = [(true[i], read[j]) for i, j in pairs if true[i].digit != read[j].digit]
    return [
        *(Loss(t.box, t.digit, r.digit) for t, r in wrong),
        *(Loss(t.box, t.digit, None) for i, t in enumerate(true) if i not in found),
        *(Loss(r.box, None, r.digit) for j, r in enumerate(read) if j not in used),
    ]


def edit_distance(one: str, other: str) -> int:
    """Levenshtein distance: insertions, deletions and substitutions from one to the other."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        previous, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (a != b))
    return row[-1]


def string_edits(text: str, read: Sequence[Digit]) -> tuple[int, int]:
    """Compares read digits with a truth that is text only.

    Args:
        text: the true digits in reading order; spaces, slashes and other signs do not count.
        read: the digits read, in any order.

    Returns:
        The edits needed, and the number of true digits.
    """
    true = "".join(filter(str.isdecimal, text))
    return edit_distance(true, "".join(str(d.digit) for d in in_reading_order(read))), len(true)
