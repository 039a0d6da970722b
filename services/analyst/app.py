"""The analyst, wired: the snapshot out of the log, and the rules as the model."""

from typing import Any

from starlette.types import ASGIApp

from services.analyst.adapters.event_log import LoggedSnapshots
from services.analyst.adapters.rules_model import RulesModel
from services.analyst.handler import AnalystHandler
from shared.settings import Settings
from shared.stage import Stage, asgi


def create_stage(settings: Settings, **stage_kwargs: Any) -> Stage:
    stage = Stage("analyst", settings, **stage_kwargs)
    stage.handle(AnalystHandler(snapshots=LoggedSnapshots(stage.log), model=RulesModel()))
    return stage


def create_app(settings: Settings) -> ASGIApp:
    return asgi(create_stage(settings))
