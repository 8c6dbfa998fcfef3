"""The confidence that a digit is given with: less than the network's chance for its tile alone.

Of a page's many marks, and of the many ways to cut and join them, those are kept that look most
like digits, and so more often by chance: the winner's curse. On held-out sheets that were read the
whole way by the networks of three trainings the likeliest divisor of the log-odds was 1.35 to 1.6;
on camera pictures, where all that was read is right, it would be 1 or less (docs/decisions/0042).
"""

import math

MODESTY = 1.25  # divides the log-odds; an even chance stays one


def confidence_of(chance: float) -> float:
    """The network's chance that a mark is a digit, 0 to 1 -> the confidence, 0 to 1."""
    return _with_odds_to_the(1 / MODESTY, chance)


def chance_of(confidence: float) -> float:
    """The chance, 0 to 1, from which a mark is given with so much confidence, 0 to 1."""
    return _with_odds_to_the(MODESTY, confidence)


def _with_odds_to_the(power: float, chance: float) -> float:
    """What chance has the odds of another, 0 to 1, raised to a power."""
    won, lost = math.pow(chance, power), math.pow(1 - chance, power)
    return won / (won + lost)
