"""filter: would the breakout rule have earned its keep over the year before?

consumes  SnapshotTaken
emits     SignalPassed | SignalRejected, and after a rejected one the cycle's end, CycleRejected
owns      nothing; reads the year of candles the collector keeps
"""
