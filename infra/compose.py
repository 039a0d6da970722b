"""What compose must know of the services: their blocks, the broker's passwords, whose secrets are whose.

`python -m infra` writes it into compose.yaml, between the marks there.
"""

from collections.abc import Iterator
from pathlib import Path

from infra.nats.users import SERVICES as ON_THE_BUS
from infra.nats.users import USERS, variable
from shared.services import EVERYBODYS_SECRETS, NAMED, OBJECTS, OWNER, SERVICES, Service
from shared.settings import secrets

_ROOT = Path(__file__).parents[1]
FILE = _ROOT / "compose.yaml"
_PAGES = {_ROOT / "docs/docker.md": "안에서만", _ROOT / "docs/docker.en.md": "Inside only"}
_PUBLISHED = ("backend", "page")
_ODD_ENVIRONMENT = {
    "backend": ("BROKER_DIR: /broker",),
    "page": (
        f'API_URL: "${{API_URL:-http://127.0.0.1:{NAMED["backend"].port}}}"',
        'GRAFANA_URL: "${GRAFANA_URL:-http://127.0.0.1:3001}"',
    ),
}
_HEALTH_OF_PAPER = 'import urllib.request as web; web.urlopen("http://127.0.0.1:{port}/health", timeout=4)'
# What stands in a service's block beside what the table tells.
_MORE = {
    "paper": (
        'volumes: ["data:/data"]',
        "healthcheck:",
        "  <<: *healthcheck",
        f"  test: [CMD, python, -c, '{_HEALTH_OF_PAPER}']",
    ),
    "executor": ('volumes: ["data:/data"] # its journal, which upcycle panic reads where the event log is away',),
    "backend": ('volumes: ["nats_data:/broker:ro"] # to see how much room is left; its files are root\'s alone',),
}
_ABOUT = {
    "clock": "last to start and first to stop, so that no cycle begins into a chain that is not there",
    "backend": "the reader of everything: API and metrics",
    "page": "asks the backend and nobody else; its end ends nothing",
}


def parts() -> dict[Path, dict[str, str]]:
    """Each part that is made, by its file and mark."""
    return {FILE: _compose()} | {page: {"ports": _ports(inside)} for page, inside in _PAGES.items()}


def _ports(inside: str) -> str:
    """Of what no other machine reaches."""
    hidden = ", ".join(f"`{service.name}` {service.port}" for service in SERVICES if service.name not in _PUBLISHED)
    return f"{inside}: `nats` 4222, {hidden}.\n"


def _compose() -> dict[str, str]:
    return {
        "addresses": _lines(
            2,
            f"UPBIT_BASE_URL: http://paper:{NAMED['paper'].port}",
            f"BACKEND_URL: http://backend:{NAMED['backend'].port}",
        ),
        "logins": _lines(2, *(f'{variable(user)}: ""' for user in USERS)),
        "secrets": _lines(4, *(f'{name.upper()}: ""' for name in sorted({*secrets()} - EVERYBODYS_SECRETS))),
        "passwords": _lines(6, *(f'{variable(user)}: "{_password(user)}"' for user in USERS)),
        "owner": _lines(6, _login(OWNER)),
        "services": "\n".join(_lines(2, *_block(service)) for service in SERVICES),
    }


def _lines(indent: int, *lines: str) -> str:
    return "".join(f"{' ' * indent}{line}\n" for line in lines)


def _password(user: str) -> str:
    return f"${{{variable(user)}:-{user}_password}}"


def _login(user: str) -> str:
    return f'NATS_URL: "nats://{user}:{_password(user)}@nats:4222"'


def _block(service: Service) -> Iterator[str]:
    name = service.name
    about = f" # {_ABOUT[name]}" if name in _ABOUT else ""
    yield f"{name}:{about}"
    yield "  <<: *service"
    yield f"  command: [python, -m, services.{name}]"
    yield "  environment:"
    yield "    <<: *environment"
    yield f"    PORT: {service.port}"
    if name in ON_THE_BUS:
        yield f"    {_login(name)}"
    for secret in sorted(service.secrets):
        key = secret.upper()
        yield f"    {key}: *database" if secret == "database_url" else f'    {key}: "${{{key}:-}}"'
    yield from (f"    {line}" for line in _ODD_ENVIRONMENT.get(name, ()))
    if name in _PUBLISHED:
        yield f'  ports: ["127.0.0.1:{service.port}:{service.port}"]'
    yield from (f"  {line.replace('{port}', str(service.port))}" for line in _MORE.get(name, ()))
    yield "  depends_on:"
    yield from (f"    {other}: {{condition: {condition}}}" for other, condition in _waits_for(service))


def _waits_for(service: Service) -> Iterator[tuple[str, str]]:
    """What must be there before it starts."""
    once = "service_completed_successfully"
    if service.is_stage and not service.readers:  # what sets cycles going, behind all whom they are to reach
        for other in SERVICES:
            if other.readers and "database_url" not in other.secrets:  # trading waits for no database
                yield other.name, "service_healthy"
        return
    if service.name in ON_THE_BUS:
        yield "topology", once
    elif service.only_watches:
        yield "backend", "service_healthy"
    if service.opens_account:
        yield "paper", "service_healthy"
    elif service.name == "paper" or (not service.only_watches and any(b.startswith(OBJECTS) for b in service.reads)):
        yield "history", once
    if "database_url" in service.secrets:
        yield "migrations", once
