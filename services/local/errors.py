"""What keeps a system from running here. Imports nothing: `upcycle` names them at every start."""


class NoServer(RuntimeError):
    """The broker could not be started; the text says why."""


class StartFailed(RuntimeError):
    """A service did not come up; the text names it and its last words."""
