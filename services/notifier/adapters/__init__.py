"""Where messages go: Telegram, or the log."""
