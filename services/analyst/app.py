"""The analyst, wired: the snapshot out of the log, the rules, and where there is a key the model and its budget."""

import json
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Unpack

from nats.js.kv import KeyValue
from starlette.types import ASGIApp

from services.analyst.adapters.budget_bucket import BudgetBucket
from services.analyst.adapters.event_log import LoggedCosts, LoggedSnapshots
from services.analyst.adapters.model_meter import MeteredHandler, ModelMeter, TimedModel
from services.analyst.adapters.price_file import tariff
from services.analyst.adapters.rules_model import RulesModel
from services.analyst.adapters.tokens import count_tokens
from services.analyst.core.prices import Terms
from services.analyst.handler import AnalystHandler, ModelSetup
from services.analyst.ports import Prompter
from shared.clock import SystemClock
from shared.prompt.advice import SCHEMA
from shared.prompt.build import build
from shared.prompt.templates import NEWEST, load_template
from shared.settings import Settings
from shared.stage import Stage, StageOptions, asgi

_FRAME_TOKENS = 100  # roles and brackets around the prompt and the schema


def create_stage(settings: Settings, **options: Unpack[StageOptions]) -> Stage:
    """Raises BadSetting where the model's price is not known."""
    stage = Stage("analyst", settings, **options)
    snapshots, rules = LoggedSnapshots(stage.log), RulesModel()
    if settings.openai_api_key is None:
        stage.handle(AnalystHandler.of(settings, snapshots=snapshots, rules=rules))
        return stage
    meter = ModelMeter(stage.metrics, settings.openai_model)
    model = create_model(settings)
    stage.around(lambda: model)
    cap = settings.llm_daily_budget_krw
    budget = BudgetBucket(_bucket(stage), SystemClock(), cap, meter.set_budget_share, LoggedCosts(stage.log, cap).day)
    stage.before(budget.begin)
    model_setup = ModelSetup(TimedModel(model, meter), prompter(), budget, terms(settings))
    handler = AnalystHandler.of(settings, snapshots=snapshots, rules=rules, model=model_setup)
    stage.handle(MeteredHandler(handler, meter))
    return stage


def _bucket(stage: Stage) -> Callable[[], Awaitable[KeyValue]]:
    return lambda: stage.broker.connection.jetstream(timeout=3).key_value(stage.namespace.budget)


def create_app(settings: Settings) -> ASGIApp:
    return asgi(create_stage(settings))


def create_model(settings: Settings) -> Any:
    """The model by its settings, an async context manager; the key must be set."""
    # Importing the SDK takes a second and 60 MB, which an analyst without a key need not pay.
    from services.analyst.adapters.openai_model import OpenAIModel

    assert settings.openai_api_key is not None
    return OpenAIModel(
        key=settings.openai_api_key.get_secret_value(),
        base_url=settings.openai_base_url,
        model=settings.openai_model,
        api=settings.llm_api,
        timeout_s=settings.llm_timeout_s,
    )


def prompter(version: str = NEWEST) -> Prompter:
    """version: of the template; a replay asks for the one of then. Raises TemplateMissing."""
    return partial(build, template=load_template(version), count=count_tokens)


def terms(settings: Settings) -> Terms:
    """Raises BadSetting where the model's price is not known."""
    return Terms(settings.openai_model, settings.llm_api, tariff(settings), overhead())


def overhead() -> int:
    """Tokens of a call beside the prompt's own."""
    return count_tokens(json.dumps(SCHEMA)) + _FRAME_TOKENS
