"""Takes one look at the market: all of it, or none.

consumes  TradingDue
emits     SnapshotTaken
owns      the snapshot's completeness, the safety checks
"""
