"""What Telegram's noes mean, and what to do about each (pure)."""


def sentence(status: int, description: str) -> str:
    """description: Telegram's own words."""
    match status:
        case 401 | 404:
            return (
                "Telegram does not know the bot's token: it was mistyped or revoked. "
                "Take it anew from @BotFather (/token) and set TELEGRAM_BOT_TOKEN"
            )
        case 403:
            return (
                "the owner's chat does not take the bot's messages: the bot was blocked there, or never started. "
                "Open the bot in Telegram, unblock it and press Start; what waits is sent then"
            )
        case 409:
            return (
                "somebody else reads this bot's commands: a second installation with the same token, or a webhook. "
                "End it, or give each its own bot; messages are sent all the same, commands are not heard here"
            )
        case 400 if "chat not found" in description.lower():
            return (
                "there is no such chat for this bot: press Start in the bot's chat, then set TELEGRAM_CHAT_ID to its "
                "number"
            )
    return f"Telegram refuses with {status}: {description or 'no reason given'}"


def shuts(status: int, description: str) -> bool:
    """Whether the next message would be refused just the same."""
    return status in (401, 403, 404) or (status == 400 and "chat not found" in description.lower())
