"""A region and its probabilities -> the digit it is by itself, or why it is none."""

from dataclasses import dataclass

from camlive.detection import NOT_A_DIGIT, Digit, Probabilities
from camlive.segment.measure import OF_A_RULE
from camlive.segment.region import Region

LEAST_CONTRAST = 6.0  # steps of segment's logarithmic grey: fainter marks are shadow or texture
MOST_CROWD = 0.1  # share of its surroundings under other ink: more is texture
CROWD_OF_SURE = 0.2  # of a very sure digit's, but for bars: others slant into its box, or a frame
ALONE = 0.02  # the same share: less is nothing
CLEAR = 7.0  # clarity from which the ground is plain; below it only a sure digit counts
SURE = 0.9  # confidence of a sure digit
SURE_PIECE = 0.93  # least confidence of each piece of a mark that is cut
LIKELY_PIECE = 0.8  # the same where no letters are on the page, and their row is as sure as that
SURELY_NONE = 0.99  # chance of "not a digit" from which a mark is surely none
NARROW = 0.9  # width over height below which that holds of its pieces, too (docs/decisions/0014)
VERY_SURE = 0.97  # confidence of a digit that tells of others
ALIKE = 1.7  # times: heights of one hand, contrasts of one ink
BAR = 1  # a bar is too common among other things to be believed on ground that is not plain
RING = 0  # is what a circle is read as that is drawn around something
NO_DIGIT = "looks like no digit"
UNSURE = "not sure enough"
RESTLESS = "on restless ground"
TOO_PALE = "too faint"
SHADED = "at the edge of a shadow"
CUT = "a cut through one mark"


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What became of a region.

    Attributes:
        region: the region.
        digit: its likeliest digit; the confidence is the chance of that by its look, and where all
            is judged what it is given with, see `camlive.confidence`.
        refused: why it is not taken for that digit, in words; empty if it is.
        odds: by what its page multiplies the odds that it is one, see `camlive.judge.strangers`.
    """

    region: Region
    digit: Digit
    refused: str = ""
    odds: float = 1.0


def is_none(chances: Probabilities) -> bool:
    """Whether what has these chances, (11,), looks like no digit."""
    return bool(chances[NOT_A_DIGIT] > chances[:NOT_A_DIGIT].max())


def is_sure(chances: Probabilities) -> bool:
    """Whether what has these chances, (11,), is a sure digit."""
    return bool(chances[:NOT_A_DIGIT].max() >= SURE)


def is_telling(digit: Digit) -> bool:
    """Whether a digit is one so surely that it tells of others; bars are too common."""
    return digit.confidence >= VERY_SURE and digit.digit != BAR


def is_settled(region: Region, chances: Probabilities) -> bool:
    """Whether a region that has these chances, (11,), as a whole need not be read in pieces."""
    is_narrow = region.box.width < NARROW * region.box.height
    return is_sure(chances) or bool(is_narrow and chances[NOT_A_DIGIT] > SURELY_NONE)


def unfit(region: Region, most_crowd: float = MOST_CROWD) -> str:
    """Why a region is no digit whatever it looks like, in words; empty if it may be one.

    Args:
        region: the region.
        most_crowd: the share of its surroundings that other ink may cover.
    """
    if region.contrast < LEAST_CONTRAST:
        return TOO_PALE
    if region.shaded:
        return SHADED
    return "amid other ink" if region.crowd > most_crowd else ""


def by_itself(region: Region, chances: Probabilities, least: float) -> Verdict:
    """The verdict on a region's own shape and ground.

    Args:
        region: the region.
        chances: (11,), the last class "not a digit".
        least: the chance that a digit must have, 0 to 1.
    """
    label = int(chances[:NOT_A_DIGIT].argmax())
    digit = Digit(region.box, label, float(chances[label]))
    if is_none(chances):
        return Verdict(region, digit, NO_DIGIT)
    if digit.confidence < least:
        return Verdict(region, digit, UNSURE)
    if reason := unfit(region, CROWD_OF_SURE if is_telling(digit) else MOST_CROWD):
        return Verdict(region, digit, reason)
    if label == BAR and region.in_line:
        return Verdict(region, digit, OF_A_RULE)
    clear_shape = digit.confidence >= SURE and label != BAR and region.crowd < ALONE
    if region.clarity < CLEAR and not clear_shape:
        return Verdict(region, digit, RESTLESS)
    return Verdict(region, digit)
