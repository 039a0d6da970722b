"""clock: says what is due.

consumes  the time, the owner's wish; on a stepped tape the ends of cycles, to know when to go on
emits     TradingDue, or CycleMissed with its reason; never both for one slot; for a message whose reader
          died at every delivery, the end of its cycle; ExitDue where the exit guard (guard.py) fires
owns      the heartbeat and the next runs in the switch; on a stepped tape the exchange's time
"""
