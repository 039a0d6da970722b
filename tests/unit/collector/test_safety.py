"""The three safety checks at and around their limits, on hand-written candles and on the real crash of 2024."""

import math
import statistics
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.collector.core import safety
from shared.candle_arrays import CandleArrays
from shared.candles import SCHEMA, check, closed_before
from tests.support.alarms import alarms

START = datetime(2024, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
LIMITS = {"drop_1h": 0.03, "drop_24h": 0.10}


def bars(closes, *, lows=None, volumes=None, unit_min=60):
    """Candles that open at the close before; lows: {row: low}, volumes: {row: coins}, 10 coins otherwise."""
    lows, volumes, rows = lows or {}, volumes or {}, []
    for n, close in enumerate(closes):
        opened = closes[n - 1] if n else close
        low = lows.get(n, min(opened, close))
        at = START + n * timedelta(minutes=unit_min)
        rows.append((at, float(opened), float(max(opened, close)), float(low), float(close), float(volumes.get(n, 10))))
    return check(pl.DataFrame(rows, schema=SCHEMA, orient="row"), name="hand-written")


def calm(rows):
    """Up and down by 1 %: a standard deviation of 0.01 an hour."""
    return [1000 + 10 * (n % 2) for n in range(rows)]


def calculate_market_risk(market, btc, **limits):
    return safety.calculate_market_risk(CandleArrays.of(market), CandleArrays.of(btc), **limits)


def detect_flash_crash(candles, **limits):
    return safety.detect_flash_crash(CandleArrays.of(candles), **limits)


def detect_rsi_divergence(hours):
    return safety.detect_rsi_divergence(CandleArrays.of(hours))


# --- market risk -------------------------------------------------------------------------------


def risk(btc_closes, market_closes=None, **limits):
    market = bars(calm(len(btc_closes)) if market_closes is None else market_closes)
    return calculate_market_risk(market, bars(btc_closes), **LIMITS | limits)


def test_a_still_bitcoin_is_a_low_risk_without_correlation():
    told = risk([1000] * 30)
    assert (told.level, told.reasons) == ("low", ())
    assert (told.correlation, told.beta, told.btc_volatility) == (None, None, 0)
    assert (told.btc_change_1h, told.btc_change_24h) == (0, 0)


@pytest.mark.parametrize(
    ("last", "level"), [(970, "high"), (971, "medium"), (985, "medium"), (986, "low"), (1000, "low"), (1100, "low")]
)
def test_a_fall_in_one_hour_counts_from_its_limit_on_and_half_of_it_is_medium(last, level):
    # beta is unknown against a market that stands still, and 199 quiet hours keep the volatility down
    told = risk([1000] * 167 + [last], [1000] * 168)
    assert (told.level, told.btc_change_1h) == (level, round(last / 1000 - 1, 9))


@pytest.mark.parametrize(("last", "level"), [(900, "high"), (901, "medium"), (950, "medium"), (951, "low")])
def test_a_slow_fall_counts_over_twenty_four_hours(last, level):
    step = (1000 - last) / 24
    told = risk([1000] * 100 + [1000 - step * n for n in range(1, 25)], [1000] * 124)
    assert (told.level, told.btc_change_24h) == (level, round(last / 1000 - 1, 9))


def test_a_market_that_doubles_bitcoins_moves_correlates_fully_with_a_beta_of_two():
    btc, market = [1000.0], [1000.0]
    for n in range(40):
        factor = 1.01 if n % 2 else 1 / 1.01
        btc.append(btc[-1] * factor)
        market.append(market[-1] * factor**2)
    told = risk(btc, market)
    assert (told.correlation, told.beta) == (1, 2)
    assert told.btc_volatility == pytest.approx(0.01008, abs=1e-5)


def test_a_small_fall_of_bitcoin_is_medium_where_beta_makes_it_a_large_one():
    wiggle = [1000, 1002] * 80
    strong = [1000, 1006] * 80
    told = risk([*wiggle, 1000, 988], [*strong, 1000, 964])  # -1.2 % times 3 is beyond -3 %
    assert told.beta == pytest.approx(3.0, abs=0.1)
    assert (told.level, len(told.reasons)) == ("medium", 1)
    assert risk([*wiggle, 1000, 988], [*wiggle, 1000, 988]).level == "low"


def test_restless_bitcoin_is_medium():
    assert risk([1000 + 11 * (n % 2) for n in range(60)]).level == "low"
    assert risk([1000 + 13 * (n % 2) for n in range(60)]).level == "medium"


def test_hours_only_one_of_both_has_and_returns_over_a_gap_are_left_out():
    btc = bars([1000 + 10 * (n % 2) for n in range(80)])
    gap = pl.col("open_time").is_between(START + 30 * HOUR, START + 40 * HOUR)
    holed = btc.filter(~gap).with_columns(
        # a jump over the hole that would spoil the correlation if it were taken for an hour's return
        *(
            pl.when(pl.col("open_time") > START + 40 * HOUR).then(pl.col(c) * 5).otherwise(c).alias(c)
            for c in ("close",)
        )
    )
    told = calculate_market_risk(holed, btc, **LIMITS)
    assert (told.correlation, told.beta) == (1, 1)


def test_too_few_common_hours_say_nothing_about_correlation():
    btc = bars(calm(60))
    assert calculate_market_risk(btc.tail(24), btc, **LIMITS).correlation is None  # 24 candles, 23 returns
    assert calculate_market_risk(btc.tail(25), btc, **LIMITS).correlation == 1


def test_what_lies_more_than_a_week_back_is_forgotten():
    wild = [1000 + 300 * (n % 2) for n in range(20)]
    told = calculate_market_risk(bars(wild + [1000] * 169), bars(wild + [1000] * 169), **LIMITS)
    assert told.btc_volatility == 0


def test_the_change_over_a_gap_is_taken_from_the_last_close_before_it():
    hours = bars([1000] * 28 + [1000, 1000, 950]).filter(
        ~pl.col("open_time").is_in([START + 28 * HOUR, START + 29 * HOUR])
    )
    assert calculate_market_risk(hours, hours, **LIMITS).btc_change_1h == -0.05


# --- flash crash -------------------------------------------------------------------------------


def crash(candles, *, unit_min=60, sigma=6):
    return detect_flash_crash(candles, unit_min=unit_min, sigma=sigma)


def test_calm_hours_hold_no_crash_and_the_strongest_fall_is_told():
    told = crash(bars(calm(100)))
    assert (told.state, told.at, told.unit_min) == ("none", None, 60)
    assert told.fall == pytest.approx(0.0099, abs=1e-4)
    assert told.sigma == pytest.approx(1.0, abs=0.01)
    assert told.volume_ratio == 1


def test_a_fall_within_one_hour_that_stays_down_is_a_running_crash():
    told = crash(bars([*calm(100), 900], lows={100: 800}, volumes={100: 120}))
    assert (told.state, told.at) == ("running", START + 100 * HOUR)
    assert told.fall == pytest.approx(210 / 1010, abs=1e-9)
    assert told.sigma == pytest.approx(23.3, abs=0.01)  # ln(1010 / 800) / 0.01
    assert told.volume_ratio == 12


@pytest.mark.parametrize(("last", "state"), [(904, "running"), (905, "recovered"), (1010, "recovered")])
def test_half_of_the_way_back_is_recovered(last, state):
    assert crash(bars([*calm(100), last], lows={100: 800})).state == state  # 1010 down to 800; half way is 905


@pytest.mark.parametrize(("sigma", "state"), [(23.3, "running"), (23.31, "none")])
def test_the_owners_sigma_is_the_limit(sigma, state):
    assert crash(bars([*calm(100), 820], lows={100: 800}), sigma=sigma).state == state


@pytest.mark.parametrize(("low", "state"), [(9500, "running"), (9501, "none")])
def test_a_fall_below_five_percent_is_no_crash_however_quiet_it_was(low, state):
    assert crash(bars([*[10000, 10001] * 50, 10000, low])).state == state


def test_a_price_that_never_moved_before_gives_a_finite_answer():
    told = crash(bars([1000] * 50 + [900]))
    assert told.state == "running"
    assert 0 < told.sigma < 1e6


def test_volatility_is_measured_before_the_fall_so_a_fall_cannot_hide_itself():
    quiet = [1000 + (n % 2) for n in range(100)]
    assert crash(bars([*quiet, 950, 800, 700, 650])).state == "running"


def test_the_same_fall_in_a_wild_market_is_no_crash():
    wild = [1000 + 100 * (n % 2) for n in range(101)]
    assert crash(bars([*wild, 900])).state == "none"


def test_a_slide_of_four_hours_needs_twice_the_fall_of_one():
    def slide(share):
        return bars([*calm(101), *(1000 * (1 - share) ** (n / 4) for n in range(1, 5))])

    assert crash(slide(0.10)).state == "none"  # 10.5 deviations over sqrt(4)
    assert crash(slide(0.12)).state == "running"  # 12.8 over sqrt(4)


def test_a_crash_is_forgotten_after_four_hours():
    fallen = [*calm(100), 800]
    assert crash(bars([*fallen, 800, 800, 800])).state == "running"
    assert crash(bars([*fallen, 800, 800, 800, 800])).state == "none"


def test_a_crash_that_recovered_and_falls_again_is_running():
    assert crash(bars([*calm(100), 1000, 850], lows={100: 700})).state == "running"


def test_a_wick_upwards_is_no_fall():
    spike = bars([*calm(100), 1000]).with_columns(
        high=pl.when(pl.col("open_time") == START + 100 * HOUR).then(2000.0).otherwise("high")
    )
    assert crash(spike).state == "none"


def test_a_jump_down_over_missing_candles_is_a_fall():
    holed = bars([*calm(100), 1000, 1000, 800]).filter(
        ~pl.col("open_time").is_between(START + 100 * HOUR, START + 101 * HOUR)
    )
    assert crash(holed).state == "running"


def test_a_step_down_over_a_long_silence_is_measured_against_all_of_it():
    def after(hours_missing):
        """A fall of 10 % behind so many missing hours: 10.5 deviations of one hour."""
        whole = bars([*calm(101), *[900] * (hours_missing + 1)])
        silent = pl.col("open_time").is_between(START + 101 * HOUR, START + (100 + hours_missing) * HOUR)
        return crash(whole.filter(~silent))

    assert after(2).state == "running"  # 10.5 / sqrt(3) is 6.1
    assert after(3).state == "none"  # 10.5 / sqrt(4) is 5.3


def test_too_little_before_means_nothing_can_be_said():
    told = crash(bars([*calm(24), 900, 900, 900, 900]))
    assert (told.state, told.sigma) == ("none", 0)
    assert crash(bars([*calm(25), 900, 900, 900, 900])).state == "running"


def test_quarter_hours_are_watched_over_the_same_four_hours():
    fallen = [*calm(100), 800]
    assert crash(bars([*fallen, *[800] * 15], unit_min=15), unit_min=15).state == "running"
    assert crash(bars([*fallen, *[800] * 16], unit_min=15), unit_min=15).state == "none"


def test_without_any_volume_before_there_is_no_ratio():
    assert crash(bars([*calm(50), 800], volumes=dict.fromkeys(range(50), 0))).volume_ratio is None


# --- the real data -----------------------------------------------------------------------------


def recorded(data_dir, name):
    frame = pl.read_parquet(data_dir / "candles" / name).rename({"ts": "open_time"})
    return check(frame, name=name)


HOURS, QUARTERS = "upbit_KRW-ETH_1h_2023-07_2024-12.parquet", "upbit_KRW-ETH_15m_2024.parquet"


def martial_law(hour, minute=0):
    return datetime(2024, 12, 3, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(("hour", "state"), [(13, "none"), (14, "running"), (15, "recovered"), (18, "none")])
def test_martial_law_night_is_seen_in_hourly_candles_at_the_next_slot(data_dir, hour, state):
    told = crash(closed_before(recorded(data_dir, HOURS), martial_law(hour), HOUR).tail(200))
    assert told.state == state
    if state != "none":
        assert told.at == martial_law(13)
        assert told.fall == pytest.approx(0.383, abs=0.001)
        assert told.volume_ratio > 10


@pytest.mark.parametrize(
    ("at", "state", "low_at", "fall"),
    [
        (martial_law(13, 30), "none", None, 0.006),
        (martial_law(13, 45), "recovered", martial_law(13, 30), 0.073),  # the first wave, half of it regained
        (martial_law(14, 0), "running", martial_law(13, 45), 0.365),
        (martial_law(14, 15), "recovered", martial_law(13, 45), 0.365),
        (martial_law(18, 0), "none", None, 0.102),
    ],
)
def test_martial_law_night_is_seen_in_quarter_hours_as_it_happens(data_dir, at, state, low_at, fall):
    quarter = timedelta(minutes=15)
    told = crash(closed_before(recorded(data_dir, QUARTERS), at, quarter).tail(200), unit_min=15)
    assert (told.state, told.at) == (state, low_at)
    assert told.fall == pytest.approx(fall, abs=0.001)


def test_correlation_beta_and_volatility_are_those_of_the_statistics_module(data_dir):
    def returns(coin):
        frame = recorded(data_dir, f"upbit_KRW-{coin}_1h_2023-07_2024-12.parquet")
        week = frame.filter(pl.col("open_time").is_between(START - 7 * 24 * HOUR, START, closed="right"))
        steps = pairwise(week.select("open_time", "close").rows())
        return frame, {then: math.log(b / a) for (at, a), (then, b) in steps if then - at == HOUR}

    (eth, of_eth), (btc, of_btc) = returns("ETH"), returns("BTC")
    eth, btc = (closed_before(frame, START + HOUR, HOUR).tail(200) for frame in (eth, btc))
    told = calculate_market_risk(eth, btc, **LIMITS)
    x, y = zip(*((of_btc[at], of_eth[at]) for at in of_btc if at in of_eth), strict=True)
    assert told.correlation == pytest.approx(statistics.correlation(x, y), abs=1e-9)
    assert told.beta == pytest.approx(statistics.linear_regression(x, y).slope, abs=1e-9)
    assert told.btc_volatility == pytest.approx(statistics.stdev(of_btc.values()), abs=1e-9)


def test_martial_law_night_is_a_high_market_risk(data_dir):
    slot = datetime(2024, 12, 3, 14, tzinfo=UTC)
    eth, btc = (
        closed_before(recorded(data_dir, f"upbit_KRW-{coin}_1h_2023-07_2024-12.parquet"), slot, HOUR).tail(200)
        for coin in ("ETH", "BTC")
    )
    told = calculate_market_risk(eth, btc, **LIMITS)
    assert told.level == "high"
    assert told.btc_change_1h == pytest.approx(-0.123, abs=0.001)  # 132,715,000 -> 116,450,000
    assert told.correlation > 0.8


def test_eighteen_months_of_hours_raise_at_most_two_alarms_a_month(data_dir):
    every = alarms(recorded(data_dir, HOURS), unit_min=60)
    deep = [alarm.opened_at for alarm in every if alarm.drop >= 0.10]
    assert deep == [martial_law(13)]
    assert len(every) == 16  # `make bench-alarms` lists them; 0.8 a month without the deep one
    apart = [alarm for alarm in every if alarm.silence >= timedelta(days=1) and alarm.drop < 0.10]
    assert max(Counter(f"{alarm.opened_at:%Y-%m}" for alarm in apart).values()) == 2


# --- RSI divergence ----------------------------------------------------------------------------


def lead_in():
    """Twenty hours around 1,000 so that the RSI is defined and near 50."""
    return [1000 + 4 * (n % 2) for n in range(20)]


def falling_twice(second_low):
    """A steep fall to 900 at hour 25, a bounce, then a gentle slide to the second low at hour 39."""
    steep = [980, 960, 940, 920, 910, 900]
    bounce = [915, 930, 945, 950, 948]
    slide = [945, 940, 935, 928, 921, 914, 907, second_low, *[second_low]]
    return [*lead_in(), *steep, *bounce, *slide, 925, 935, 945]


def test_a_lower_low_with_a_stronger_rsi_is_bullish():
    told = detect_rsi_divergence(bars(falling_twice(898)))
    assert (told.kind, told.first_at, told.second_at) == ("bullish", START + 25 * HOUR, START + 38 * HOUR)


def test_a_higher_low_is_no_divergence():
    assert detect_rsi_divergence(bars(falling_twice(901))).kind == "none"


def test_an_equal_low_is_no_divergence():
    assert detect_rsi_divergence(bars(falling_twice(900))).kind == "none"


def test_the_mirror_image_is_bearish():
    told = detect_rsi_divergence(bars([2000 - close for close in falling_twice(898)]))
    assert (told.kind, told.first_at, told.second_at) == ("bearish", START + 25 * HOUR, START + 38 * HOUR)


def test_a_swing_point_is_known_only_three_hours_later():
    closes = falling_twice(898)
    assert detect_rsi_divergence(bars(closes[:-2])).kind == "none"
    assert detect_rsi_divergence(bars(closes[:-1])).kind == "bullish"


def test_a_lower_low_with_a_weaker_rsi_is_none():
    gentle_then_steep = [*lead_in(), 998, 996, 994, 992, 990, 995, 1000, 1004, 990, 960, 930, 900, 920, 940, 950]
    assert detect_rsi_divergence(bars(gentle_then_steep)).kind == "none"


def test_a_divergence_fades_after_a_day():
    closes = falling_twice(898)
    rising = [945 + n for n in range(1, 30)]
    assert detect_rsi_divergence(bars(closes + rising[:20])).kind == "bullish"  # 24 hours after the second low
    assert detect_rsi_divergence(bars(closes + rising[:21])).kind == "none"


def test_points_far_apart_are_not_compared():
    plateau = [950 + n * 0.1 for n in range(60)]
    closes = [*lead_in(), 980, 960, 940, 920, 910, 900, 915, 930, 945, *plateau, 940, 920, 899, 910, 920, 930]
    assert detect_rsi_divergence(bars(closes)).kind == "none"


def test_a_price_that_stands_still_or_is_too_short_has_none():
    assert detect_rsi_divergence(bars([1000] * 60)).kind == "none"
    assert detect_rsi_divergence(bars([1000, 990, 980])).kind == "none"


# --- laws --------------------------------------------------------------------------------------

moves = st.lists(st.floats(-0.15, 0.15), min_size=30, max_size=120)


def walk(changes):
    closes = [4_000_000.0]
    for change in changes:
        closes.append(closes[-1] * (1 + change))
    return bars(closes)


def all_three(market, btc):
    return (
        calculate_market_risk(market, btc, **LIMITS),
        detect_flash_crash(market, unit_min=60, sigma=6),
        detect_rsi_divergence(market),
    )


@settings(max_examples=40, deadline=None)
@given(moves, st.sampled_from([0.5, 2.0, 1024.0]))
def test_law_the_unit_of_price_changes_nothing(changes, factor):
    candles = walk(changes)
    scaled = candles.with_columns(pl.col("open", "high", "low", "close") * factor)
    assert all_three(scaled, scaled) == all_three(candles, candles)


@settings(max_examples=40, deadline=None)
@given(moves, moves)
def test_law_the_future_never_changes_the_past(past, future):
    now = START + (len(past) + 1) * HOUR
    whole = walk(past + future)
    assert all_three(*[closed_before(whole, now, HOUR)] * 2) == all_three(*[walk(past)] * 2)


@settings(max_examples=40, deadline=None)
@given(moves, st.floats(1, 10), st.floats(1, 10))
def test_law_a_larger_sigma_never_raises_more_alarms(changes, one, other):
    low, high = sorted((one, other))
    if crash(walk(changes), sigma=high).state != "none":
        assert crash(walk(changes), sigma=low).state != "none"


@settings(max_examples=40, deadline=None)
@given(moves, st.floats(0.01, 0.2), st.floats(0.01, 0.2))
def test_law_a_stricter_limit_never_lowers_the_risk(changes, one, other):
    strict, loose = sorted((one, other))
    order = ["low", "medium", "high"]
    candles = walk(changes)
    levels = [calculate_market_risk(candles, candles, drop_1h=d, drop_24h=d).level for d in (loose, strict)]
    assert order.index(levels[0]) <= order.index(levels[1])
