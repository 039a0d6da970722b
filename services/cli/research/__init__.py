"""Questions to a year of candles: the gate, its price, its luck; the history itself; what the analyst would say."""
