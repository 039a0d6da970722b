"""Where the executor touches the world: the exchange, the event log, the owner's switch, the machine's clock."""
