"""The confidence that a digit is given with: less than the network's chance for its tile alone.

Of a page's many marks, and of the many ways to cut and join them, those are kept that look most
like digits, and so more often by chance: the winner's curse. On held-out sheets that were read the
whole way by the networks of three trainings the likeliest divisor of the log-odds was 1.35 to 1.6;
on camera pictures, where all that was read is right, it would be 1 or less (docs/decisions/0042).
And the more of a page is none, the less likely is a digit on it; see `camlive.judge.strangers`.
"""

import math

MODESTY = 1.15  # divides the log-odds; an even chance stays one


def confidence_of(chance: float, odds: float = 1) -> float:
    """How sure a digit is said to be, 0 to 1.

    Args:
        chance: the network's that the mark is that digit, 0 to 1.
        odds: above 0 to 1, by what the page that it stands on multiplies those of its look.
    """
    return _to_the(1 / MODESTY, chance * odds, max(0.0, 1 - chance))


def chance_of(confidence: float) -> float:
    """The chance, 0 to 1, of what is given with so much confidence, 0 to 1, on a page of digits."""
    return _to_the(MODESTY, confidence, 1 - confidence)


def _to_the(power: float, won: float, lost: float) -> float:
    """The chance whose odds are those of two numbers, raised to a power."""
    won, lost = math.pow(won, power), math.pow(lost, power)
    return won / (won + lost)
