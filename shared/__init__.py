"""The contract between stages, and the plumbing every process has. Imports nothing from services/.

What may live here:
- the contract: types, events, tables;
- the plumbing: settings, clock, bus, database, telemetry;
- what several tell the owner in the same words: why a cycle ended as it did, which hours were missed;
- market knowledge that two stages already use (candles, indicators, venue).
Code used by one stage stays in that stage, even if it looks general. There is no `utils.py`.
"""
