"""executor: turns a decision into at most one order, and says what became of it.

consumes  DecisionMade, ExitDue, SaleDue, PanicDue
emits     OrderIntended before an order leaves, FillRecorded for what was executed, and the cycle's end:
          OrderFilled | OrderSkipped | OrderDenied | OrderRejected | OrderUnresolved; PanicEnded
owns      the bot's own position, which rides in FillRecorded; its memory is the event log, and beside it the
          journal on its own disk (core/journal_state.py): a panic (panic_run.py) works from it, merge.py empties it
beside    settle.py: a person ends the matter of an unresolved order (OrderSettled); at_start.py: open orders first
"""
