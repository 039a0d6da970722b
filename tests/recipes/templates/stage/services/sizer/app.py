"""The sizer, wired."""

from typing import Unpack

from starlette.types import ASGIApp

from services.sizer.handler import SizerHandler
from shared.settings import Settings
from shared.stage import Stage, StageOptions, asgi


def create_stage(settings: Settings, **options: Unpack[StageOptions]) -> Stage:
    stage = Stage("sizer", settings, **options)
    stage.handle(SizerHandler.of(settings))
    return stage


def create_app(settings: Settings) -> ASGIApp:
    return asgi(create_stage(settings))
