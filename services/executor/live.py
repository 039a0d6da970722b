"""Before the first order: is this the account, the key and the log that orders may touch?"""

from collections.abc import Sequence
from typing import Protocol

from services.executor.core import live_checks
from services.executor.core.live_checks import Finding, KeySeen, No, Yes
from shared.errors import Permanent
from shared.types import Krw, Market


class NotProved(Permanent):
    """No order may leave; the text says what was found and what to do."""


class Witness(Protocol):
    """Shows what there is of an account, and does nothing to it."""

    async def key(self) -> KeySeen | No: ...

    async def withdrawals(self) -> Yes | No: ...

    async def test_order(self, market: Market, won: Krw) -> Yes | No: ...


async def look(witness: Witness, proofs: Sequence[str], market: Market, won: Krw) -> list[Finding]:
    """Say what was found of each proof asked for; shared.account.PROOFS are all there are."""
    findings = []
    if "clock" in proofs or "key" in proofs:
        seen = await witness.key()
        if isinstance(seen, No):
            findings.append(live_checks.no("key", seen))
        else:
            findings += [live_checks.clock(seen.ahead_s)] if "clock" in proofs else []
            findings += [live_checks.key(seen)] if "key" in proofs else []
    if "withdrawal" in proofs:
        findings.append(live_checks.withdrawal(await witness.withdrawals()))
    if "order" in proofs:
        findings.append(live_checks.order(await witness.test_order(market, won)))
    return findings


async def must_be_proved(witness: Witness, proofs: Sequence[str], market: Market, won: Krw) -> list[Finding]:
    """Raises NotProved if anything found forbids orders."""
    findings = await look(witness, proofs, market, won)
    if objections := live_checks.objections(findings):
        raise NotProved(f"TRADING_MODE=live is refused: {objections} (upcycle doctor shows every check)")
    return findings
