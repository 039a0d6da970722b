"""What the executor's metrics say of the books."""

from decimal import Decimal

from services.executor.adapters.order_log import EventOrderLog
from services.executor.gauges import gauges
from shared.telemetry import Metrics
from tests.support.builders import books, end, intent
from tests.support.memory_log import MemoryLog


async def test_drift_and_the_day_over_all_markets_are_shown():
    metrics = Metrics()
    log = EventOrderLog(MemoryLog(), gauges(metrics))
    await log.store(intent(books=books(drift=Decimal("0.0025"))))
    await log.store(end("OrderDenied", cycle="KRW-BTC-20260105T0300Z", books=books(orders_today=4)))
    shown = metrics.render().decode()
    assert 'position_drift_coins{symbol="KRW-ETH"} 0.0025' in shown
    assert 'position_drift_coins{symbol="KRW-BTC"} 0.0' in shown
    assert "account_orders_today 4.0" in shown
    assert "account_profit_today_krw -1200.5" in shown
