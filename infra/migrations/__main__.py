"""`python -m infra.migrations`: bring the database of DATABASE_URL up to date."""

import sys

from infra.migrations.run import DatabaseAway, upgrade
from shared.db import BadAddress
from shared.settings import BadSetting, Settings

if __name__ == "__main__":
    try:
        upgrade(Settings.load().database)
    except (BadSetting, BadAddress, DatabaseAway) as e:
        sys.exit(f"migrations: {e}")
