"""The risk rules' limits, out of the settings."""

from decimal import Decimal

from services.executor.core.risk import Limits
from shared.settings import Settings


def limits(settings: Settings) -> Limits:
    return Limits(
        snapshot_age_max_s=settings.snapshot_age_max_s,
        position_max_krw=settings.position_max_krw,
        spread_max=Decimal(str(settings.spread_max)),
        depth_slippage_max=Decimal(str(settings.depth_slippage_max)),
        exit_slippage_max=Decimal(str(settings.exit_slippage_max)),
        daily_loss_max_krw=settings.daily_loss_max_krw,
        cooldown_after_loss_min=settings.cooldown_after_loss_min,
        orders_per_day_max=settings.orders_per_day_max,
    )
