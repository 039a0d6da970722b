"""Before the first order: is this the account, the key and the log that orders may touch?"""

from collections.abc import Sequence
from typing import Protocol

from services.executor.core import live_checks
from services.executor.core.live_checks import Finding, KeyInfo, No, Yes
from shared.errors import Permanent
from shared.types import Krw, Market


class NotProved(Permanent):
    """No order may leave; the text says what was found and what to do."""


class AccountProbe(Protocol):
    """Shows what there is of an account, and does nothing to it."""

    async def key(self) -> KeyInfo | No: ...

    async def withdrawals(self) -> Yes | No: ...

    async def test_order(self, market: Market, won: Krw) -> Yes | No: ...


async def check_account(probe: AccountProbe, proofs: Sequence[str], market: Market, won: Krw) -> list[Finding]:
    """Say what was found of each proof asked for; shared.account.PROOFS are all there are."""
    findings = []
    if "clock" in proofs or "key" in proofs:
        info = await probe.key()
        if isinstance(info, No):
            findings.append(live_checks.no("key", info))
        else:
            findings += [live_checks.clock(info.ahead_s)] if "clock" in proofs else []
            findings += [live_checks.key(info)] if "key" in proofs else []
    if "withdrawal" in proofs:
        findings.append(live_checks.withdrawal(await probe.withdrawals()))
    if "order" in proofs:
        findings.append(live_checks.order(await probe.test_order(market, won)))
    return findings


async def must_be_proved(probe: AccountProbe, proofs: Sequence[str], market: Market, won: Krw) -> list[Finding]:
    """Raises NotProved if anything found forbids orders."""
    findings = await check_account(probe, proofs, market, won)
    if objections := live_checks.objections(findings):
        raise NotProved(f"TRADING_MODE=live is refused: {objections} (upcycle doctor shows every check)")
    return findings
