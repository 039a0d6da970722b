"""The words of the messages, in Korean and English (pure)."""

from dataclasses import dataclass

from shared.types import Language


@dataclass(frozen=True)
class Words:
    trade: str
    market: str
    side: str
    sides: dict[str, str]
    price: str
    amount: str
    total: str
    reason: str
    at: str
    error: str
    kind: str
    message: str
    context: str
    errors: dict[str, str]
    status: dict[str, str]
    by: str
    letters: str
    many_letters: str
    no_report: str
    wrong_clock: str
    not_traded: str
    report_due: str
    switch: str
    mode: dict[str, str]
    each: str
    forgotten: str
    panicked: str
    denied: str
    empty: str
    adopt: str
    surplus: str
    shortfall: str
    drift: str
    not_sold: str
    panic_done: str
    panic_undone: str
    quiet: dict[str, str]
    job: dict[str, str]


WORDS: dict[Language, Words] = {
    "ko": Words(
        trade="🤖 거래 실행",
        market="종목",
        side="거래",
        sides={"buy": "매수 (BUY)", "sell": "매도 (SELL)"},
        price="가격",
        amount="수량",
        total="총액",
        reason="판단 근거",
        at="시각",
        error="⚠️ 오류 발생",
        kind="유형",
        message="메시지",
        context="상황",
        errors={
            "CycleFailed": "사이클 실패",
            "OrderRejected": "거래소 주문 거부",
            "OrderUnresolved": "주문 결과 불명, 직접 확인 필요",
            "OrderFound": "봇 이름의 주문이 기록과 다름",
            "PortfolioValued": "계좌와 장부가 다름",
            "OrderDenied": "손절·익절 매도를 하지 못함, 계속 다시 시도함",
        },
        status={
            "started": "🟢 봇 시작",
            "stopped": "🔴 봇 정지",
            "exits-only": "🟡 매수 중지 (매도와 손절은 계속)",
            "paused": "⏸️ 봇 일시정지",
            "resumed": "▶️ 봇 재개",
        },
        by="요청",
        letters="처리하지 못한 메시지가 많음",
        many_letters="지난 1시간 동안 {n}건",
        no_report="일일 리포트 없음",
        wrong_clock="시계가 맞지 않음",
        not_traded="시계가 맞을 때까지 거래하지 못하는 시각이 있습니다. 컴퓨터의 시계를 맞추세요(NTP)",
        report_due="{due} 리포트가 {minutes}분 넘게 나오지 않음",
        switch="봇의 스위치를 믿을 수 없음",
        mode={"paper": "모의거래", "live": "실거래"},
        each="{minutes}분마다",
        forgotten="거래소에 봇 이름의 {side} 주문이 있지만 기록에는 없습니다 (체결 {executed} {coin})",
        panicked="다른 데이터 폴더(복사본 등)의 panic이 낸 {side} 주문이 거래소에 있지만 이 기록에는 없습니다 "
        "(체결 {executed} {coin})",
        denied="기록은 {says}인데 거래소에는 {side} 주문이 있습니다 (체결 {executed} {coin})",
        empty="체결된 것이 없어 할 일은 없음",
        adopt="upcycle adopt {cycle} (인수할 때까지 이 종목은 주문하지 않음)",
        surplus="{coin}: 봇이 체결하지 않은 {more}개가 지난 평가 이후 계좌에 들어왔습니다",
        shortfall="{coin}: 봇 장부보다 계좌에 {less}개가 부족합니다",
        not_sold="요청한 매도를 하지 않음",
        panic_done="🚨 패닉: 모두 끝났습니다",
        panic_undone="🚨 패닉: 끝내지 못한 일이 있습니다",
        drift="직접 사고팔거나 옮긴 것이면 그대로 두세요; 아니면 upcycle adopt, upcycle status",
        quiet={
            "OrderSkipped": "💤 관망",
            "OrderDenied": "🛡️ 주문 안 함 (자체 위험 규칙)",
            "CycleRejected": "🚧 거래 안 함 (게이트 미달)",
        },
        job={"pause_job": "⏸️ 작업 일시정지", "resume_job": "▶️ 작업 재개"},
    ),
    "en": Words(
        trade="🤖 Trade executed",
        market="Market",
        side="Side",
        sides={"buy": "BUY", "sell": "SELL"},
        price="Price",
        amount="Amount",
        total="Total",
        reason="Reason",
        at="Time",
        error="⚠️ Error",
        kind="Type",
        message="Message",
        context="Context",
        errors={
            "CycleFailed": "cycle failed",
            "OrderRejected": "order refused by the exchange",
            "OrderUnresolved": "outcome of an order unknown, please look yourself",
            "OrderFound": "an order in the bot's name differs from its log",
            "PortfolioValued": "account and books differ",
            "OrderDenied": "an exit could not sell; it is tried again and again",
        },
        status={
            "started": "🟢 Bot started",
            "stopped": "🔴 Bot stopped",
            "exits-only": "🟡 No new buys (sales and stop-losses go on)",
            "paused": "⏸️ Bot paused",
            "resumed": "▶️ Bot resumed",
        },
        by="Asked by",
        letters="many messages could not be handled",
        many_letters="{n} in the last hour",
        no_report="no daily report",
        wrong_clock="a clock is wrong",
        not_traded="there are slots that are not traded until the clock is right: set it by NTP",
        report_due="the report of {due} has not come for more than {minutes} min",
        switch="the bot's switch cannot be relied on",
        mode={"paper": "paper", "live": "real money"},
        each="every {minutes} min",
        forgotten="the exchange has a {side} order in the bot's name and the log does not: {executed} {coin} executed",
        panicked="a panic of another data folder, such as a copy of it, made a {side} order that the log was not told "
        "of: {executed} {coin} executed",
        denied="the log says {says}, and the exchange has the {side} order: {executed} {coin} executed",
        empty="nothing was executed, so there is nothing to do",
        adopt="upcycle adopt {cycle} (until then this market orders nothing)",
        surplus="{coin}: {more} came to the account since the last valuation, and the bot did not buy them",
        shortfall="{coin}: the account has {less} less than the bot's books",
        not_sold="the sale you asked for was not made",
        panic_done="🚨 Panic: all is done",
        panic_undone="🚨 Panic: NOT all is done",
        drift="if you traded or moved them yourself, nothing is to be done; else upcycle adopt, upcycle status",
        quiet={
            "OrderSkipped": "💤 Hold",
            "OrderDenied": "🛡️ No order (the bot's own risk rules)",
            "CycleRejected": "🚧 No trade (the gate said no)",
        },
        job={"pause_job": "⏸️ Job paused", "resume_job": "▶️ Job resumed"},
    ),
}
