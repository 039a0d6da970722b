"""What the exchange decides: prices, candles, books, balances, orders, who may ask. Pure."""
