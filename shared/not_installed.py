"""Import as if something were not installed (pure)."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast


@contextmanager
def not_installed(*names: str) -> Iterator[None]:
    """Importing one of these fails meanwhile, whether it is loaded or not."""
    loaded = {name: sys.modules[name] for name in names if name in sys.modules}
    cast(dict[str, Any], sys.modules).update(dict.fromkeys(names))  # an import of what stands there as None fails
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]
        sys.modules.update(loaded)
