"""Which services Prometheus asks, and which it misses: `python -m infra` writes them between the marks."""

from pathlib import Path

from infra.nats.users import SERVICES
from shared.services import NAMED

FOLDER = Path(__file__).parent
API = "backend"  # the job of its own, which a page and an alert name
STAGES = tuple(name for name in SERVICES if name != API)


def parts() -> dict[Path, dict[str, str]]:
    """Each part that is made, by its file and mark."""
    stages = (
        f"      - {{names: [{name}], type: A, port: {NAMED[name].port}, refresh_interval: 10s}}\n" for name in STAGES
    )
    expected = (f"      - {{record: stage_expected, expr: vector(1), labels: {{stage: {name}}}}}\n" for name in STAGES)
    return {
        FOLDER / "prometheus.yml": {
            "api": f'    static_configs: [{{targets: ["{API}:{NAMED[API].port}"]}}]\n',
            "stages": "".join(stages),
        },
        FOLDER / "rules/upcycle.rules.yml": {"expected": "".join(expected)},
    }
