"""What lies outside this machine: the exchange, its clock and the key; the model; Telegram."""

from contextlib import aclosing
from dataclasses import replace

import httpx

from services.cli.checks.row import Row
from services.executor import live
from services.executor.app import open_account_probe
from services.local.running import running
from shared.account import PROOFS, Account, open_account
from shared.http_client import proxied_client
from shared.settings import BadSetting, Settings
from shared.upbit_pacing import PacedTransport

OPENAI = "https://api.openai.com/v1"
_ANSWER_S = 5
_ON_PAPER = ("key", "order")  # there is nothing to withdraw


async def exchange(settings: Settings) -> list[Row]:
    """Is it there, and would it take this bot's orders? The executor's own checks, which it runs before it starts."""
    try:
        account = open_account(settings)
    except BadSetting as e:
        return [Row("exchange", "fail", str(e), "make keys at Upbit with the rights to view and to order")]
    url = _url(settings, account)
    if url is None:
        return [Row("exchange", "skip", "paper: it runs inside `upcycle up`, which does not run now")]
    async with (
        aclosing(PacedTransport()) as way,
        httpx.AsyncClient(timeout=_ANSWER_S, trust_env=False, transport=way) as http,
    ):
        try:
            answer = await http.get(f"{url}/v1/ticker", params={"markets": settings.markets[0]})
        except httpx.HTTPError as e:
            todo = "look at the network and at UPBIT_BASE_URL"
            return [Row("exchange", "fail", f"{url}: {type(e).__name__}", todo)]
        found = f"{url} answers {answer.status_code}" if answer.is_error else f"{url} has {settings.markets[0]}"
        rows = [Row("exchange", "warn" if answer.is_error else "ok", found)]
        witness = open_account_probe(replace(account, base_url=url), way)
        proofs = account.proofs or (_ON_PAPER if settings.paper_clock == "stepped" else ("clock", *_ON_PAPER))
        findings = await live.check_account(witness, proofs, settings.markets[0], settings.trading_amount)
    rows += [Row(finding.name, finding.state, finding.found, finding.todo) for finding in findings]
    if account.proofs != PROOFS:
        if settings.paper_clock == "stepped":
            rows.append(Row("clock skew", "skip", "the tape's time counts"))
        rows.append(
            Row("withdrawal", "skip", "paper: there is nothing to withdraw; the keys to real money are never read")
        )
    return rows


def _url(settings: Settings, account: Account) -> str | None:
    """Where it answers; None where only a running system would know."""
    if not account.processes or "upbit_base_url" in settings.model_fields_set:
        return account.base_url.rstrip("/")
    here = running(settings.data_dir)
    return here.upbit_base_url or None if here else None


async def model(settings: Settings) -> list[Row]:
    if settings.openai_api_key is None:
        return [Row("model", "skip", "OPENAI_API_KEY is not set: the rules-only analyst speaks")]
    base = (settings.openai_base_url or OPENAI).rstrip("/")
    try:
        async with proxied_client(base, timeout=_ANSWER_S) as http:
            answer = await http.get(
                f"{base}/models", headers={"Authorization": f"Bearer {settings.openai_api_key.get_secret_value()}"}
            )
    except httpx.HTTPError as e:
        todo = "look at the network and at OPENAI_BASE_URL; until it answers every decision is a hold"
        return [Row("model", "fail", f"{base}: {type(e).__name__}", todo)]
    if answer.status_code in (401, 403):
        return [Row("model", "fail", f"{base} refuses the key", "correct OPENAI_API_KEY")]
    if answer.is_error:
        return [Row("model", "warn", f"{base} answers {answer.status_code} where it should list its models")]
    if f'"{settings.openai_model}"' not in answer.text:
        return [Row("model", "warn", f"{base} does not list {settings.openai_model}", "correct OPENAI_MODEL")]
    return [Row("model", "ok", f"{base} has {settings.openai_model}")]


async def telegram(settings: Settings, base_url: str | None = None) -> list[Row]:
    base_url = base_url or settings.telegram_base_url
    if not settings.telegram_enabled:
        return [Row("telegram", "skip", "TELEGRAM_ENABLED=false: messages go to the log")]
    if settings.telegram_bot_token is None or settings.telegram_chat_id is None:
        lacks = "TELEGRAM_CHAT_ID" if settings.telegram_bot_token else "TELEGRAM_BOT_TOKEN"
        return [Row("telegram", "fail", f"{lacks} is not set", f"set {lacks}, or TELEGRAM_ENABLED=false")]
    try:
        async with proxied_client(base_url, timeout=_ANSWER_S) as http:
            answer = await http.get(f"{base_url}/bot{settings.telegram_bot_token.get_secret_value()}/getMe")
    except httpx.HTTPError as e:
        return [Row("telegram", "fail", f"does not answer: {type(e).__name__}", "look at the network")]
    if answer.status_code in (401, 404):
        return [Row("telegram", "fail", "refuses the token", "take TELEGRAM_BOT_TOKEN anew from @BotFather")]
    return [Row("telegram", "ok" if answer.is_success else "warn", f"answers {answer.status_code}")]
