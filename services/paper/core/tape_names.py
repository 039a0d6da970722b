"""What PAPER_TAPE may say (pure)."""

LIVE = "upbit"  # Upbit's public quotes instead of files


def parts(text: str) -> list[str]:
    """Its files, each FILE or MARKET=FILE."""
    return [part.strip() for part in text.split(",") if part.strip()]
