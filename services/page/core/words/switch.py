"""The switch, and what it asks before (pure)."""

from services.page.core.words.both import Both

WORDS = {
    "switch": Both("봇 조작", "The switch"),
    "press_pause": Both("일시정지…", "Pause…"),
    "press_stop": Both("중지…", "Stop…"),
    "press_resume": Both("다시 실행…", "Resume…"),
    "press_start": Both("시작…", "Start…"),
    "press_exits-only": Both("매수 중지…", "No new buys…"),
    "cancel": Both("취소", "Cancel"),
    "do_pause": Both("일시정지", "Pause"),
    "do_stop": Both("중지", "Stop"),
    "do_resume": Both("다시 실행", "Resume"),
    "do_start": Both("시작", "Start"),
    "do_exits-only": Both("매수 중지", "No new buys"),
    "ask_exits-only": Both("새로 사지 않게 할까요?", "Buy nothing more?"),
    "ask_pause": Both("일시정지할까요?", "Pause the bot?"),
    "ask_stop": Both("중지할까요?", "Stop the bot?"),
    "ask_resume": Both("다시 실행할까요?", "Resume the bot?"),
    "ask_start": Both("시작할까요?", "Start the bot?"),
    "say_exits-only": Both(
        "새로 사지 않습니다. 사이클, 매도, 손절과 추적 손절은 계속합니다.",
        "It buys nothing more. Cycles, sales and stop-losses go on.",
    ),
    "instead": Both("손절은 남기고 매수만 중지", "Keep stop-losses, only buy nothing"),
    "say_pause": Both(
        "새 사이클도 주문도 없습니다. 손절과 추적 손절도 멈춥니다: 가격이 떨어져도 봇은 팔지 않습니다.",
        "No new cycle and no order. Stop-losses stop too: if the price falls, the bot does not sell.",
    ),
    "say_stop": Both(
        "새 사이클도 주문도 없고, 손절도 멈춥니다. 다시 실행이 아니라 시작만이 되돌립니다.",
        "No new cycle, no order, no stop-loss. Only Start sets it going again, not Resume.",
    ),
    "say_resume": Both(
        "다음 정각부터 다시 판단하고, 사기도 팔기도 합니다. 손절도 지킵니다.",
        "From the next hour on it decides, buys and sells again. Stop-losses are watched.",
    ),
    "say_start": Both(
        "다음 정각부터 판단하고 주문합니다. 손절도 다시 지킵니다.",
        "From the next hour on it decides and orders. Stop-losses are watched again.",
    ),
    "needs_key": Both("조작하려면 먼저 들어오세요.", "Sign in before you switch anything."),
    "press_sale": Both("이 포지션 매도…", "Sell this position…"),
    "wait_sale": Both("업비트 호가를 보고 있습니다", "Looking at Upbit's bids"),
    "no_sale": Both("지금은 팔 수 없습니다", "Nothing can be sold now"),
    "ask_sale": Both("{amount}를 지금 매도할까요?", "Sell {amount} now?"),
    "do_sale": Both("매도 주문", "Sell"),
    "best_bid": Both("가장 높은 매수 호가", "Best bid"),
    "expected": Both("예상 평균 체결가", "Expected on average"),
    "below_bid": Both("호가보다 {share} 아래", "{share} below the bid"),
    "received": Both("받을 금액", "You receive"),
    "in_steps": Both(
        "호가가 얇아 {share} 안에서 {amount}만 팔립니다. 나머지는 남으니 다시 요청하세요.",
        "The book is thin: within {share} it takes {amount}. The rest stays; ask again for it.",
    ),
    "only_its_own": Both(
        "봇이 산 수량만 팝니다. 직접 산 코인은 그대로 둡니다.",
        "Only what the bot bought is sold; your own coins stay.",
    ),
    "may_buy_again": Both(
        "봇은 계속 실행되고, 조건이 맞으면 다시 살 수 있습니다.", "The bot goes on, and may buy again."
    ),
    "bids_of": Both(
        "{at} 호가이며 {until}까지만 받습니다. 체결가는 달라질 수 있습니다.",
        "Bids of {at}, good until {until}. The price may turn out another.",
    ),
    "press_panic": Both("전량 매도…", "Panic…"),
    "ask_panic": Both("일시정지하고, 봇의 포지션을 모두 팔까요?", "Pause the bot, and sell all it holds?"),
    "do_panic": Both("전량 매도", "Sell everything"),
    "cancel_only": Both("팔지 않고 열린 주문만 취소", "Only cancel open orders, sell nothing"),
    "wait_panic": Both("무엇을 취소하고 팔지 보고 있습니다", "Looking at what would be cancelled and sold"),
    "panic_unseen": Both(
        "무엇이 팔릴지 지금은 보여 드릴 수 없습니다: {why}", "What would be sold cannot be shown now: {why}"
    ),
    "open_orders": Both("진행 중인 주문", "Orders under way"),
    "order_buy": Both("매수", "buy"),
    "order_sell": Both("매도", "sell"),
    "none_to_cancel": Both("취소할 주문 없음", "None to cancel"),
    "holds_none": Both("봇이 보유한 코인이 없습니다", "The bot holds nothing"),
    "about_won": Both("약 {total}", "about {total}"),
    "no_bid": Both("매수 호가가 보이지 않습니다", "No bid is shown"),
    "thin_book": Both("보이는 매수 호가는 {amount}까지만 받습니다", "The shown bids take {amount} of it"),
    "panic_halts": Both(
        "봇은 바로 일시정지하고 손절도 멈춥니다: 팔지 못한 코인은 가격이 떨어져도 봇이 팔지 않습니다.",
        "The bot is paused at once. Stop-losses stop too: what could not be sold stays, even if the price falls.",
    ),
    "panic_any_book": Both(
        "호가가 벌어졌거나 얇아도 팝니다. 끝까지 팔지 못한 종목은 이름을 알려 드립니다.",
        "It sells into a wide or thin book, too. What it could not sell is named.",
    ),
    "last_panic": Both("패닉 {at}", "Panic of {at}"),
    "panic_by": Both("요청: {by}", "asked for by {by}"),
    "panic_works": Both("취소하고 파는 중입니다", "Cancelling and selling"),
    "panic_cancels": Both("취소하는 중입니다", "Cancelling"),
    "panic_done": Both("모두 끝났습니다", "All is done"),
    "panic_undone": Both("끝내지 못한 일이 있습니다", "Not all is done"),
}
