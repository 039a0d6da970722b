"""What each service shows at /metrics from its start, before its first message: read as a list, by name."""

from importlib import import_module

import pytest

from infra.prometheus.targets import STAGES
from shared.settings import Settings
from tests.support.golden import assert_golden

THEIR_OWN = ("process_", "messaging_")  # of the libraries


@pytest.mark.parametrize("name", STAGES)
def test_the_metrics_a_service_shows_from_its_start_are_those_that_were_read(name, tmp_path):
    settings = Settings.load(data_dir=tmp_path, openai_api_key="sk-test")
    stage = import_module(f"services.{name}.app").create_stage(settings)
    told = [line for line in stage.metrics.render().decode().splitlines() if line.startswith("# ")]
    own = sorted((line for line in told if not line.split()[2].startswith(THEIR_OWN)), key=lambda line: line.split()[2])
    assert_golden(f"metrics/{name}.txt", "\n".join(own) + "\n")
