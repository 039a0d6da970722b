"""The sizer, wired."""

from typing import Any

from starlette.types import ASGIApp

from services.sizer.handler import SizerHandler
from shared.settings import Settings
from shared.stage import Stage, asgi


def create_stage(settings: Settings, **stage_kwargs: Any) -> Stage:
    stage = Stage("sizer", settings, **stage_kwargs)
    stage.handle(SizerHandler.of(settings))
    return stage


def create_app(settings: Settings) -> ASGIApp:
    return asgi(create_stage(settings))
