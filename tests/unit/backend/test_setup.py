"""What the API shows of the settings: each with its history, and no secret by any way."""

from pydantic import SecretStr

from services.backend.core.setting_list import Change, settings_list
from shared.settings import Settings, secrets
from tests.support import backend
from tests.support.backend import OWNER, Running
from tests.support.builders import AT, due

MARKER = "MARKER-of-a-secret-that-nobody-may-read"


def shown(settings: Settings, log: dict[str, Change] | None = None) -> dict:
    return {setting.name: setting for setting in settings_list(settings, log or {})}


def test_no_secret_and_no_part_of_one_is_shown():
    logins = {
        "nats_url": f"nats://user:{MARKER}@broker:4222",
        "nats_monitor_url": f"http://broker:8222/?key={MARKER}",
        "paper_access_key": MARKER,
    }
    settings = Settings.load(**dict.fromkeys(secrets(), MARKER), **logins)
    assert all(isinstance(getattr(settings, name), SecretStr) for name in secrets())
    told = settings_list(settings, {})
    assert MARKER not in "".join(setting.model_dump_json() for setting in told)
    assert {setting.value for setting in told if setting.is_secret} == {"set"}
    assert {name.upper() for name in secrets()} < {setting.name for setting in told if setting.is_secret}
    assert shown(settings)["NATS_URL"].value == "nats://…@broker:4222"


def test_a_secret_of_the_backends_own_is_not_set_and_one_of_others_is_unknown():
    told = shown(Settings.load())
    assert (told["API_TOKEN"].value, told["OPENAI_API_KEY"].value, told["PAPER_SECRET_KEY"].value) == (
        "not set", "unknown", "unknown",
    )  # fmt: skip


def test_a_setting_says_whether_it_is_the_default_and_whether_it_decides():
    told = shown(Settings.load(gate_win_rate_min=0.6, log_level="DEBUG"))
    of = {name: (told[name].value, told[name].is_default, told[name].decides) for name in told}
    assert of["GATE_WIN_RATE_MIN"] == ("0.6", False, True)
    assert of["LOG_LEVEL"] == ("DEBUG", False, False)
    assert of["EXIT_STOP_LOSS"] == (None, True, True)
    assert of["UPBIT_BASE_URL"] == ("http://127.0.0.1:8010", True, False)


async def told_by(running: Running) -> dict:
    answer = await running.api.get("/api/settings", headers=OWNER)
    return {setting["name"]: setting for setting in answer.json()["settings"]}


async def test_a_setting_that_decides_says_since_when_and_what_it_was_before(running):
    ticks = [{"TRADING_AMOUNT": amount, "GATE_WIN_RATE_MIN": "0.55"} for amount in ("50000", "60000", "60000")]
    cycles = [f"KRW-ETH-{AT:%Y%m%d}T0{n}00Z" for n in (3, 4, 5)]
    await running.booked(*(due(cycle=cycle, settings=said) for cycle, said in zip(cycles, ticks, strict=True)))
    told = await told_by(running)
    stored = [event["stored_at"] for cycle in cycles for event in await events(running, cycle)]
    amount, gate = told["TRADING_AMOUNT"], told["GATE_WIN_RATE_MIN"]
    assert (amount["value"], amount["used"], amount["before"], amount["changes"]) == ("50000", "60000", "50000", 1)
    assert amount["since"] == stored[1]
    assert (gate["before"], gate["changes"], gate["since"]) == (None, 0, stored[0])
    assert (told["LOG_LEVEL"]["since"], told["LOG_LEVEL"]["used"]) == (None, None)


async def events(running: Running, cycle: str) -> list:
    return (await running.api.get(f"/api/cycles/{cycle}")).json()["events"]


async def test_whoever_has_no_token_sees_no_setting(running):
    assert (await running.api.get("/api/settings")).status_code == 401


async def test_the_token_that_opens_the_api_is_in_no_answer_of_it(tmp_path, server):
    async with backend.backend(tmp_path, server, sentry_dsn=f"http://{MARKER}@127.0.0.1:1/1") as running:
        text = (await running.api.get("/api/settings", headers=OWNER)).text
    assert backend.TOKEN not in text
    assert MARKER not in text
