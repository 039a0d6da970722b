"""notifier: tells the owner what he wants to know at once.

consumes  the ends of cycles, ControlGiven
emits     messages: trades, errors, bot status; to Telegram, or to the log
owns      nothing; a message is delivered at least once
"""
