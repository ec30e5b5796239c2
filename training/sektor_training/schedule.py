"""Learning rate by the fraction of the token budget used: warm up, hold, fall."""

import math

WARM_UP = 0.02
FALL_FROM = 0.55


def learning_rate_share(fraction: float) -> float:
    """0..1 of the peak rate at `fraction` 0..1 of the budget."""
    if fraction < WARM_UP:
        return max(0.02, fraction / WARM_UP)
    if fraction < FALL_FROM:
        return 1.0
    left = max(0.0, (1.0 - fraction) / (1.0 - FALL_FROM))
    return 0.02 + 0.98 * (1 - math.sqrt(1 - left))
