"""What was earned (pure)."""

from services.page.core.words.both import Both

WORDS = {
    "earned": Both("번 돈", "Earned"),
    "realised": Both("실현 손익", "Realised"),
    "fees": Both("수수료", "Fees"),
    "sales": Both("매도", "Sales"),
    "win_share": Both("이익 난 매도", "Sales with a profit"),
    "by_month": Both("달마다", "By month"),
    "by_market": Both("종목마다", "By market"),
    "month": Both("달", "Month"),
    "trades": Both("체결", "Trades"),
    "sample": Both(
        "매도가 {n}번뿐이라 운과 실력을 가를 수 없습니다. 적어도 30번은 있어야 합니다.",
        "Only {n} sales: luck and skill cannot be told apart. At least 30 are needed.",
    ),
    "sample_fair": Both(
        "매도 {n}번의 기록입니다. 지난 성과가 앞으로를 보장하지는 않습니다.",
        "This is a record of {n} sales. What was earned says nothing certain about what comes.",
    ),
    "no_trades": Both("아직 체결이 없습니다.", "No trade yet."),
}
