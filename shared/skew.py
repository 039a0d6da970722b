"""How far this machine's clock may be off the exchange's (pure).

A skew is signed: machine minus exchange, in seconds; positive means that the machine is ahead.
"""

from shared.writing import whole

SKEW_WARN_S, SKEW_REFUSE_S = 2.0, 30.0


def is_off(skew_s: float) -> bool:
    """Whether the clock needs setting, though slots still start at the exchange's time."""
    return abs(skew_s) > SKEW_WARN_S


def is_wrong(skew_s: float) -> bool:
    """Whether nothing may be traded by this clock."""
    return abs(skew_s) > SKEW_REFUSE_S


def sentence(skew_s: float) -> str:
    return f"this machine's clock is {whole(abs(skew_s))} s {'ahead of' if skew_s > 0 else 'behind'} the exchange's"
