"""Add a stage: `sizer`, between analyst and executor. What it says is a decision once more, with a share."""

from shared.services import SERVICES
from tests.recipes.recipe import Recipe

_FREE_PORT = max(service.port for service in SERVICES) + 1

STAGE = Recipe(
    "stage",
    most=14,
    edits={
        "shared/events/__init__.py": (
            (
                "from shared.events.snapshot import (",
                "from shared.events.sized import PositionSized\nfrom shared.events.snapshot import (",
            ),
            ("    DecisionMade,\n    OrderIntended,", "    DecisionMade,\n    PositionSized,\n    OrderIntended,"),
        ),
        "shared/services.py": (
            ("    PortfolioValued,\n    ReportDue,", "    PortfolioValued,\n    PositionSized,\n    ReportDue,"),
            (
                '    Service(\n        "executor",\n',
                f'    Service(\n        "sizer",\n        {_FREE_PORT},\n        says=(PositionSized, CycleFailed),\n'
                '        readers=(Reader("sizer", (DecisionMade,)),),\n    ),\n    Service(\n        "executor",\n',
            ),
            ('Reader("executor", (DecisionMade, ExitDue)', 'Reader("executor", (PositionSized, ExitDue)'),
        ),
        "services/executor/handler.py": (
            ("    OrderIntended,\n    Side,", "    OrderIntended,\n    PositionSized,\n    Side,"),
            (
                "            amount=self.amount,\n            held=",
                "            amount=self._amount(decision),\n            held=",
            ),
            (
                "    async def _case(",
                "    def _amount(self, decision: DecisionMade) -> Krw:\n"
                '        """Of a buy; a decision from before there was a sizer is worth all of it."""\n'
                "        share = decision.share if isinstance(decision, PositionSized) else 1\n"
                "        return Krw(self.amount * share)\n\n"
                "    async def _case(",
            ),
        ),
        "tests/support/builders.py": (
            (
                "def intent(",
                "def sized(**changes: Any) -> ev.PositionSized:\n"
                '    told = decision().model_dump(exclude={"kind", "schema_number"})\n'
                '    return ev.PositionSized(**told | {"share": Decimal(1)} | changes)\n\n\ndef intent(',
            ),
            (
                "rejected(), asked(), intent(), fill(), found(), settled(),",
                "rejected(), asked(), sized(), intent(), fill(), found(),\n        settled(),",
            ),
        ),
        "docs/threats.md": (
            (
                "| `executor` | 거짓",
                "| `sizer` | 매수 금액을 줄이기 | 사거나 팔라고 정하기, 한도를 넘기기 |\n| `executor` | 거짓",
            ),
        ),
        "docs/threats.en.md": (
            (
                "| `executor` | spoil",
                "| `sizer` | make buys smaller than they were meant | decide, pass the limits |\n| `executor` | spoil",
            ),
        ),
    },
    made=frozenset(
        {
            ".env.example",
            "compose.yaml",
            "docs/docker.en.md",
            "docs/docker.md",
            "infra/nats/users.conf",
            "infra/prometheus/prometheus.yml",
            "infra/prometheus/rules/upcycle.rules.yml",
            "pyproject.toml",
            "tests/golden/events/PositionSized.json",
            "tests/golden/metrics/sizer.txt",
            "tests/golden/rights/backend.txt",
            "tests/golden/rights/clock.txt",
            "tests/golden/rights/sizer.txt",
            "tests/golden/topology.txt",
        }
    ),
    writes=(
        "tests/bus/test_rights.py",
        "tests/contract/test_env_example.py",
        "tests/contract/test_topology.py",
        "tests/contract/test_wire.py",
        "tests/monitoring/test_metric_names.py",
    ),
    proof=(
        "tests/unit/sizer",
        "tests/contract/test_made.py",
        "tests/contract/test_topology.py",
        "tests/contract/test_wire.py",
        "tests/contract/test_schema_numbers.py",
        "tests/bus/test_rights.py",
        "tests/unit/executor/test_executor_app.py",
        "tests/pipeline/test_replay.py",
        "tests/pipeline/test_replay_settings.py",
        "tests/faults/test_chaos.py",
    ),
)
