"""A trading job and a report that fail, in the running system: Sentry hears of both, from each process that failed."""

import pytest

from services.local.system import system
from shared.events import ReportDue, TradingDue
from shared.settings import Settings
from tests.support.processes import linux_only
from tests.support.sentry_server import sentry_server
from tests.support.waiting import eventually

pytestmark = [linux_only, pytest.mark.slow]


async def test_a_failing_trading_job_and_a_failing_report_reach_sentry(tmp_path):
    with sentry_server() as sentry:
        settings = Settings.load(
            data_dir=tmp_path, paper_clock="stepped", tape_from="2025-01-02T00:00Z", sentry_enabled=True,
            sentry_dsn=sentry.dsn, openai_api_key="sk-PLANTED0123456789", paper_secret_key="PLANTED" * 8,
        )  # fmt: skip
        async with system(settings, api_port=None, say=lambda _: None) as running:
            js = running.nc.jetstream(timeout=5)
            broken = b'{"kind": "PLANTED"'
            await js.publish(TradingDue.subject_of("KRW-ETH-20250102T0000Z"), broken)
            await js.publish(ReportDue.places(slot="20250103T0000Z"), broken)

            def heard():
                return {(e["tags"]["service"], e["tags"].get("stage"), e["logentry"]["message"]) for e in sentry.events}

            await eventually(
                lambda: heard() >= {
                    ("collector", "collector", "buried"),
                    ("notifier", "collector", "trading_job failed"),
                    ("backend", "report", "buried"),
                }
            )  # fmt: skip
        failed = next(e for e in sentry.of("notifier") if e["logentry"]["message"] == "trading_job failed")
        assert failed["tags"]["cycle"] == "KRW-ETH-20250102T0000Z"
        buried = sentry.of("collector")[0]
        assert buried["exception"]["values"][-1]["type"] == "Unreadable"
        sent = b"".join(sentry.envelopes)
        assert b'"vars"' not in sent
        assert b"sk-PLANTED" not in sent
