"""The year of hourly candles: immutable monthly Parquet objects, and a manifest of a market that lists them.

An object's name is the digest of its bytes, so it can be cached for ever and written twice without harm.
A snapshot carries the digest of a manifest: years later a replay reads exactly the months of that manifest.
"""
