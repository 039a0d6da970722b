"""`python -m infra.migrations`: bring the database of DATABASE_URL up to date."""

import sys

from infra.migrations.run import upgrade
from shared.errors import Permanent, Transient
from shared.settings import BadSetting, Settings

if __name__ == "__main__":
    try:
        upgrade(Settings.load().database)
    except (BadSetting, Permanent, Transient) as e:
        sys.exit(f"migrations: {e}")
