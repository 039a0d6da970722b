"""What the model costs, out of the table that came with the code, or the owner's own setting."""

import tomllib
from decimal import Decimal
from importlib.resources import files

from services.analyst.core.prices import price_of
from shared.events import Tariff
from shared.settings import BadSetting, Settings


def tariff(settings: Settings) -> Tariff:
    """Raises BadSetting for a model whose price nobody knows: a budget could not be kept."""
    rate = Decimal(settings.llm_krw_per_usd)
    if settings.llm_price_usd:
        price_in, cached, out = map(Decimal, settings.llm_price_usd.split(","))
        return Tariff(usd_in=price_in, usd_cached=cached, usd_out=out, krw_per_usd=rate)
    table = tomllib.loads(files("services.analyst").joinpath("prices.toml").read_text("utf-8"))["usd_per_million"]
    row = price_of(settings.openai_model, table)
    if row is None:
        raise BadSetting(
            f"OPENAI_MODEL: {settings.openai_model} has no price here; set LLM_PRICE_USD to its dollars for a million "
            f"tokens in, cached and out (0,0,0 for one that costs nothing), or take one of {', '.join(table)}"
        )
    return Tariff(usd_in=row["in"], usd_cached=row["cached"], usd_out=row["out"], krw_per_usd=rate)
