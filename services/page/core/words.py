"""What stands on the page beside the log's own sentences, in Korean and English (pure).

The sentences of a cycle are those of `why` and Telegram; here are only titles, buttons and questions.
"""

from typing import NamedTuple

from shared.types import Language


class Both(NamedTuple):
    ko: str
    en: str


_NB, _WJ = "\u00a0", "\u2060"  # hold a number and its unit together; and a unit and its particle
WORDS: dict[str, Both] = {
    # frame
    "now": Both("지금", "Now"),
    "log": Both("기록", "Log"),
    "results": Both("성과", "Results"),
    "more": Both("더보기", "More"),
    "hour": Both("이 시간", "This hour"),
    "screens": Both("화면", "Screens"),
    "skip": Both("본문으로 건너뛰기", "Skip to the content"),
    "paper": Both("PAPER 모의 거래", "PAPER practice money"),
    "live": Both("LIVE 실거래", "LIVE real money"),
    "running": Both("실행 중", "Running"),
    "paused": Both("일시정지", "Paused"),
    "stopped": Both("중지", "Stopped"),
    "away": Both("연결 끊김", "Backend away"),
    "stale_since": Both("{at} 이후 소식이 없습니다.", "No news since {at}."),
    "stale": Both(
        "아래는 그때의 상태입니다. 봇은 따로 돌기 때문에 그 뒤에 주문이 있었을 수도 있습니다. 다시 연결하고 있습니다.",
        "Below is how it stood then. The bot runs on its own and may have ordered since. Trying to reconnect.",
    ),
    "never": Both(
        "백엔드가 답하지 않고, 보여 드릴 지난 상태도 없습니다. 봇은 따로 돕니다. 다시 연결하고 있습니다.",
        "The backend does not answer, and there is no earlier state to show. The bot runs on its own.",
    ),
    "footer": Both("시각은 모두 한국 시각입니다.", "All times are Seoul's (KST)."),
    # now
    "todo": Both("확인할 일 {n}건", "{n} to look at"),
    "unresolved": Both("주문 결과 불명 {n}", "{n} unresolved orders"),
    "slots_missed": Both("놓친 시간 {n}", "{n} missed hours"),
    "value": Both("지금 자산", "What you own"),
    "valued_at": Both("{at} 기준", "as of {at}"),
    "today": Both("오늘", "today"),
    "day_ago": Both("24시간 전보다", "than 24 hours ago"),
    "cash": Both("현금", "Cash"),
    "coins": Both("코인", "Coins"),
    "next_run": Both("다음 실행", "Next run"),
    "no_next": Both("없음", "none"),
    "not_valued": Both(
        "아직 평가한 적이 없습니다. 매시 정각에 평가합니다.", "Not valued yet. It is valued on each hour."
    ),
    "value_line": Both(
        "지난 {n}시간 자산: 최저 {low}, 최고 {high}", "Value over {n} hours: lowest {low}, highest {high}"
    ),
    "cycle_of": Both("{at} 사이클", "cycle of {at}"),
    "no_cycle": Both("아직 사이클이 없습니다", "No cycle yet"),
    "no_cycle_yet": Both(
        "첫 사이클이 끝나면 여기에 결과와 이유가 나옵니다. 그 전에는 판단도 주문도 없습니다.",
        "The first cycle shows here with its outcome and why. Before it there is no decision and no order.",
    ),
    "stages": Both("단계", "Stages"),
    "collector": Both("수집", "Collect"),
    "filter": Both("게이트", "Gate"),
    "analyst": Both("분석", "Analyse"),
    "executor": Both("실행", "Execute"),
    "done": Both("끝남", "done"),
    "working": Both("진행 중", "working"),
    "rejected": Both("거절", "rejected"),
    "waiting": Both("대기", "waiting"),
    "not_needed": Both("없음", "not needed"),
    "failed": Both("실패", "failed"),
    "win_rate": Both("지난 1년 승률", "Win rate of the year"),
    "limit": Both("기준 {limit}", "limit {limit}"),
    "lacking": Both("{distance} 모자람", "{distance} short"),
    "passed": Both("통과", "passed"),
    "held": Both("봇 보유", "Bot holds"),
    "bought_at": Both("매입가 {price}", "bought at {price}"),
    "unrealised": Both("미실현 손익", "Unrealised"),
    "last_day": Both("지난 24시간", "Last 24 hours"),
    "no_hours": Both("기록 없음", "nothing recorded"),
    "why_this": Both("이 시간 자세히", "This hour in full"),
    # kinds of hours
    "buy": Both("매수", "bought"),
    "sell": Both("매도", "sold"),
    "gated": Both("게이트 거절", "gate said no"),
    "hold": Both("관망", "held off"),
    "denied": Both("위험 규칙 거부", "denied by a risk rule"),
    "trouble": Both("실패", "failed"),
    "gap": Both("놓침", "missed"),
    "open": Both("진행 중", "running"),
    # switch
    "switch": Both("봇 조작", "The switch"),
    "pause": Both("일시정지…", "Pause…"),
    "stop": Both("중지…", "Stop…"),
    "resume": Both("다시 실행…", "Resume…"),
    "start": Both("시작…", "Start…"),
    "cancel": Both("취소", "Cancel"),
    "do_pause": Both("일시정지", "Pause"),
    "do_stop": Both("중지", "Stop"),
    "do_resume": Both("다시 실행", "Resume"),
    "do_start": Both("시작", "Start"),
    "ask_pause": Both("일시정지할까요?", "Pause the bot?"),
    "ask_stop": Both("중지할까요?", "Stop the bot?"),
    "ask_resume": Both("다시 실행할까요?", "Resume the bot?"),
    "ask_start": Both("시작할까요?", "Start the bot?"),
    "say_pause": Both(
        "새 사이클도 주문도 없습니다. 손절과 추적 손절도 멈춥니다: 가격이 떨어져도 봇은 팔지 않습니다.",
        "No new cycle and no order. Stop-losses stop too: if the price falls, the bot does not sell.",
    ),
    "say_stop": Both(
        "새 사이클도 주문도 없고, 손절도 멈춥니다. 다시 실행이 아니라 시작만이 되돌립니다.",
        "No new cycle, no order, no stop-loss. Only Start sets it going again, not Resume.",
    ),
    "say_resume": Both(
        "다음 정각부터 다시 판단하고 주문합니다. 손절도 다시 지킵니다.",
        "From the next hour on it decides and orders again. Stop-losses are watched again.",
    ),
    "say_start": Both(
        "다음 정각부터 판단하고 주문합니다. 손절도 다시 지킵니다.",
        "From the next hour on it decides and orders. Stop-losses are watched again.",
    ),
    "panic_is": Both(
        "지금 바로 모두 팔아야 하면 터미널에서 upcycle panic --sell 명령을 쓰세요. 이 화면에서는 할 수 없습니다.",
        "To sell everything at once use upcycle panic --sell in a terminal. This page cannot do that.",
    ),
    "needs_key": Both("조작하려면 먼저 들어오세요.", "Sign in before you switch anything."),
    # door
    "enter": Both("들어오기", "Sign in"),
    "leave": Both("나가기", "Sign out"),
    "api_token": Both("API 토큰", "API token"),
    "token_is": Both(
        "`upcycle init`이 .env에 만든 API_TOKEN입니다. 한 번만 넣으면 이 브라우저가 30일 동안 기억합니다.",
        "API_TOKEN, as `upcycle init` wrote it to .env. Enter it once; this browser is remembered for 30 days.",
    ),
    "wrong_token": Both("API_TOKEN이 아닙니다. 다시 확인해 주세요.", "This is not API_TOKEN. Look again."),
    "too_many": Both(
        "틀린 토큰이 너무 많았습니다. 1분 뒤에 다시 해 주세요.", "Too many wrong tokens. Try again in a minute."
    ),
    "only_owner": Both("이 봇은 주인에게만 보입니다.", "This bot shows itself to its owner alone."),
    # log
    "all": Both("전체", "All"),
    "all_markets": Both("모든 종목", "All markets"),
    "market": Both("종목", "Market"),
    "kind": Both("결과", "Outcome"),
    "only_trouble": Both("문제만", "Only trouble"),
    "older": Both("더 오래된 것", "Older"),
    "none_such": Both("여기에 맞는 기록이 없습니다.", "Nothing of this kind."),
    "csv": Both("체결 내역 CSV", "Trades as CSV"),
    "missed_slots": Both("놓친 시간", "Missed hours"),
    "missed_range": Both("{first} ~ {last}, {n}번", "{first} to {last}, {n} times"),
    # hour
    "in_words": Both("무슨 일이 있었나", "What happened"),
    "as_curl": Both("같은 답을 curl로", "The same with curl"),
    "back": Both("기록으로", "Back to the log"),
    "unknown_cycle": Both("그런 사이클은 없습니다.", "There is no such cycle."),
    # results
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
    # more
    "look": Both("보기", "Look"),
    "theme": Both("밝기", "Brightness"),
    "theme_system": Both("기기대로", "As the device"),
    "theme_light": Both("밝게", "Light"),
    "theme_dark": Both("어둡게", "Dark"),
    "colours": Both("오름과 내림", "Up and down"),
    "colours_korea": Both("빨강 오름", "Red is up"),
    "colours_west": Both("파랑 오름", "Blue is up"),
    "language": Both("언어", "Language"),
    "jobs": Both("정해진 일", "Jobs"),
    "trading_job": Both("거래", "Trading"),
    "portfolio_snapshot_job": Both("자산 평가", "Valuation"),
    "daily_report_job": Both("하루 보고", "Daily report"),
    "links": Both("다른 곳", "Elsewhere"),
    "api_docs": Both("API 문서", "API documentation"),
    "notices": Both("쓰인 것", "Made with"),
}


def words(language: Language) -> dict[str, str]:
    return {name: getattr(both, language) for name, both in WORDS.items()}
