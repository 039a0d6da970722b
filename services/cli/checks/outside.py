"""What lies outside this machine: the exchange and its clock, the keys, the model, Telegram."""

from datetime import UTC
from email.utils import parsedate_to_datetime

import httpx

from services.cli.checks.row import Row
from services.cli.running import running
from shared.clock import SystemClock
from shared.settings import BadSetting, LiveKeys, Settings

_ANSWER_S = 5
_SKEW_WARN_S, _SKEW_FAIL_S = 2.0, 30.0


async def exchange(settings: Settings) -> list[Row]:
    """Is it there, and does it tell the same time?"""
    default = Settings.model_fields["upbit_base_url"].default
    if settings.trading_mode == "paper" and settings.upbit_base_url == default:
        here = running(settings.data_dir)
        why = "paper: it runs inside `upcycle up`" + ("" if here else ", which does not run now")
        return [Row("exchange", "skip", why), Row("clock skew", "skip", "paper: the tape's time counts")]
    url = settings.upbit_base_url
    try:
        async with httpx.AsyncClient(timeout=_ANSWER_S) as http:
            before = SystemClock().now()
            answer = await http.get(f"{url.rstrip('/')}/v1/ticker", params={"markets": "KRW-BTC"})
            after = SystemClock().now()
    except httpx.HTTPError as e:
        todo = "look at the network and at UPBIT_BASE_URL"
        return [Row("exchange", "fail", f"{url}: {type(e).__name__}", todo), Row("clock skew", "skip", "no exchange")]
    state = Row("exchange", "ok" if answer.is_success else "warn", f"{url} answers {answer.status_code}")
    date = answer.headers.get("Date")
    if date is None or settings.trading_mode == "paper":
        return [state, Row("clock skew", "skip", "paper: the tape's time counts" if date else "it tells no time")]
    middle = before + (after - before) / 2
    # The header counts whole seconds, and is half a second behind on average.
    skew = (middle - parsedate_to_datetime(date).astimezone(UTC)).total_seconds() - 0.5
    return [state, skewed(skew)]


def skewed(skew_s: float) -> Row:
    """skew_s: how far this machine is ahead of the exchange."""
    found, todo = f"{skew_s:+.1f} s against the exchange", "set this machine's clock by NTP"
    if abs(skew_s) > _SKEW_FAIL_S:
        return Row("clock skew", "fail", found, f"{todo}: slots would start at the wrong time")
    return Row("clock skew", "warn" if abs(skew_s) > _SKEW_WARN_S else "ok", found, todo if abs(skew_s) > 2 else "")


async def keys(settings: Settings) -> list[Row]:
    if settings.trading_mode == "paper":
        return [Row("upbit keys", "skip", "paper: the keys to real money are never read")]
    try:
        LiveKeys.load()
    except BadSetting as e:
        return [Row("upbit keys", "fail", str(e), "make keys at Upbit with the rights to view and to order")]
    return [Row("upbit keys", "warn", "present; their expiry is not looked at yet", "look at it at Upbit")]


async def model(_: Settings) -> list[Row]:
    return [Row("model", "skip", "not built yet: the rules decide")]


async def telegram(settings: Settings) -> list[Row]:
    if not settings.telegram_enabled:
        return [Row("telegram", "skip", "TELEGRAM_ENABLED=false: messages go to the log")]
    if settings.telegram_bot_token is None or settings.telegram_chat_id is None:
        lacks = "TELEGRAM_CHAT_ID" if settings.telegram_bot_token else "TELEGRAM_BOT_TOKEN"
        return [Row("telegram", "fail", f"{lacks} is not set", f"set {lacks}, or TELEGRAM_ENABLED=false")]
    try:
        async with httpx.AsyncClient(timeout=_ANSWER_S) as http:
            answer = await http.get(
                f"https://api.telegram.org/bot{settings.telegram_bot_token.get_secret_value()}/getMe"
            )
    except httpx.HTTPError as e:
        return [Row("telegram", "fail", f"does not answer: {type(e).__name__}", "look at the network")]
    if answer.status_code == 401:
        return [Row("telegram", "fail", "refuses the token", "take TELEGRAM_BOT_TOKEN anew from @BotFather")]
    return [Row("telegram", "ok" if answer.is_success else "warn", f"answers {answer.status_code}")]
