"""The words of the answers to commands, in Korean and English (pure)."""

from shared.types import Language

ANSWERS: dict[Language, dict[str, str]] = {
    "ko": {
        "help": """\
Upcycle 명령
/status 지금 상태, 다음 작업, 놓친 시각
/balance 잔고와 평가액
/trades [개수] 최근 거래 (기본 5, 최대 20)
/profit [일수] 손익 (기본 7일)
/why [사이클] 왜 그렇게 끝났는지 (기본: 마지막)
/gate 게이트까지 남은 거리
/cost 오늘과 이번 달의 모델 비용
/daily 마지막 일일 리포트
/jobs 작업 목록
/pause 일시정지 (주문 안 함)
/exits 매수 중지 (매도와 손절은 계속)
/resume 재개
/stop 정지 (확인을 묻습니다)
/sell 종목: 봇이 가진 것을 팝니다 (확인을 묻습니다)
/panic 일시정지하고 모두 팝니다 (확인을 묻습니다)
/start 인사, 정지 상태면 다시 시작
/help 이 목록""",
        "hello": "안녕하세요, Upcycle입니다. {status}",
        "sure_stop": "정말 정지할까요? 60초 안에 /stop yes",
        "sure_start": "봇이 정지되어 있습니다. 다시 시작할까요? 60초 안에 /start yes",
        "sure_sell": "팔까요? 60초 안에 /sell yes",
        "sure_panic": "봇을 바로 일시정지하고(손절도 멈춥니다) 모두 팔까요? 60초 안에 /panic yes",
        "sale": "{amount}를 지금 팔면 평균 약 {price}",
        "sale_brings": "받을 금액 약 {total}, 실현 손익 {profit}",
        "sale_part": "호가가 얇아 {order}만 팔립니다. 나머지는 다시 요청하세요",
        "asked_sale": "매도를 요청했습니다. 결과: /why {cycle}",
        "one_market": "/sell 다음에는 종목 하나를 씁니다. 예: /sell ETH",
        "panic": "🚨 지금 패닉을 하면",
        "panic_brings": "약 {total}",
        "panic_none": "매수 호가가 보이지 않음",
        "panic_nothing": "봇이 보유한 코인 없음",
        "panic_orders": "진행 중인 주문 {n}건 취소",
        "unsure": "먼저 /{name} 명령을 보내고 60초 안에 /{name} yes 로 확인하세요. 아무것도 바뀌지 않았습니다",
        "unfit": "봇이 정지되어 있어 /{name} 명령은 아무것도 바꾸지 않습니다. /start 로만 다시 시작합니다",
        "unfit_start": "SCHEDULER_ENABLED=false 설정이라 시작할 수 없습니다. true로 바꾸고 봇을 다시 띄우세요",
        "not_owner": "그룹에서는 주인만 /{name} 명령을 쓸 수 있습니다: TELEGRAM_OWNER_ID. 아무것도 바뀌지 않았습니다",
        "running": "🟢 실행 중",
        "exits-only": "🟡 매수 중지: 새로 사지 않고, 매도와 손절은 계속합니다. /resume",
        "paused": "⏸️ 일시정지: 사이클도 주문도 없습니다. /resume",
        "stopped": "🔴 정지: 사이클도 주문도 없습니다. /start",
        "by": "{status}\n요청: {by}",
        "up": "가동 시간: {up}",
        "silent": "시계가 돌고 있지 않습니다",
        "span": "{days}일 {hours}시간 {minutes}분",
        "last_trade": "마지막 거래: {at}",
        "none": "없음",
        "next": "다음 작업:",
        "never": "예정 없음",
        "missed": "지난 24시간 동안 거래하지 못한 시각: {n}",
        "not_valued": "아직 평가된 적이 없습니다. 매시 정각에 평가합니다",
        "balance": "💰 잔고 ({at} 평가)",
        "cash": "현금: {won}",
        "coin": "{coin}: {amount} × {price} = {value}",
        "bot": "  그중 봇이 산 것 {amount}, 미실현 {won}",
        "sum": "합계: {won}",
        "trades": "📒 최근 거래 {n}/{total}",
        "no_trades": "아직 거래가 없습니다",
        "trade": "{at} {side} {market} {amount} × {price} = {total}",
        "profit": "📈 손익 (평균 매입가, 수수료 포함)",
        "of_days": "최근 {days}일: 실현 {won}, 거래 {trades}회, 수수료 {fees}",
        "in_all": "전체: 실현 {won}, 거래 {trades}회, 매도 승률 {rate}",
        "unrealised": "보유분 미실현: {won}",
        "gate": "🚧 {market} {at}",
        "no_gate": "{market}: 게이트를 지난 사이클이 아직 없습니다",
        "cost": "🧾 모델 비용\n오늘: {today} ({today_calls}회)\n이번 달: {month} ({month_calls}회)",
        "no_report": "아직 일일 리포트가 없습니다. 매일 09:00에 나옵니다",
        "no_cycle": "아직 사이클이 없습니다",
        "job": "{id}: {next}",
        "job_paused": "일시정지 (요청: {by})",
        "unknown": "모르는 명령입니다: /{name}\n명령 목록: /help",
        "no_command": "명령은 /로 시작합니다. 명령 목록: /help",
        "number": "/{name} 다음에는 1부터 {most}까지의 수 하나만 쓸 수 있습니다",
        "no_args": "/{name} 다음에는 아무것도 쓸 수 없습니다",
        "one_cycle": "/why 다음에는 사이클 이름 하나를 씁니다. 예: /why KRW-ETH-20260105T0300Z",
        "failed": "답을 가져오지 못했습니다: {why}",
        "stale": "오래된 명령 {n}개는 실행하지 않았습니다: {what}\n지금도 원하면 다시 보내세요",
        "too_many": "한꺼번에 온 질문이 많아 {n}개는 답하지 않았습니다: {what}\n지금도 원하면 다시 보내세요",
    },
    "en": {
        "help": """\
Upcycle's commands
/status what it does now, next jobs, missed hours
/balance the account and its value
/trades [n] last trades (5; 20 at most)
/profit [days] profit and loss (7 days)
/why [cycle] why it ended as it did (the last one)
/gate how far from the gate
/cost of the model, today and this month
/daily the last daily report
/jobs the jobs
/pause no cycles, no orders
/exits buy nothing more; sales and stop-losses go on
/resume undo a pause or /exits
/stop stop (asks whether you are sure)
/sell market: sells what the bot holds there (asks whether you are sure)
/panic pause and sell everything (asks whether you are sure)
/start hello; starts a stopped bot again
/help this list""",
        "hello": "Hello, this is Upcycle. {status}",
        "sure_stop": "Really stop? Send /stop yes within 60 seconds",
        "sure_start": "The bot is stopped. Start it again? Send /start yes within 60 seconds",
        "sure_sell": "Sell it? Send /sell yes within 60 seconds",
        "sure_panic": "Pause the bot at once (its stop-losses, too) and sell everything? /panic yes within 60 seconds",
        "sale": "{amount} sold now bring about {price} each",
        "sale_brings": "You receive about {total}, realised {profit}",
        "sale_part": "The book is thin and takes {order}; ask again for the rest",
        "asked_sale": "The sale is asked for. What became of it: /why {cycle}",
        "one_market": "After /sell comes one market, such as /sell ETH",
        "panic": "🚨 A panic now",
        "panic_brings": "about {total}",
        "panic_none": "no bid is shown",
        "panic_nothing": "the bot holds nothing",
        "panic_orders": "orders under way to cancel: {n}",
        "unsure": "Send /{name} first and confirm with /{name} yes within 60 seconds. Nothing was changed",
        "unfit": "The bot is stopped, and /{name} changes nothing. Only /start sets it going again",
        "unfit_start": "SCHEDULER_ENABLED=false keeps the bot stopped; set it to true and start the processes anew",
        "not_owner": "In a group only the owner may use /{name}: TELEGRAM_OWNER_ID. Nothing was changed",
        "running": "🟢 Running",
        "exits-only": "🟡 No new buys: sales and stop-losses go on. /resume",
        "paused": "⏸️ Paused: no cycles, no orders. /resume",
        "stopped": "🔴 Stopped: no cycles, no orders. /start",
        "by": "{status}\nAsked by: {by}",
        "up": "Up for: {up}",
        "silent": "The clock is not running",
        "span": "{days} d {hours} h {minutes} min",
        "last_trade": "Last trade: {at}",
        "none": "none",
        "next": "Next:",
        "never": "not planned",
        "missed": "Hours not traded in the last 24: {n}",
        "not_valued": "Nothing was valued yet; it is done each hour",
        "balance": "💰 Account (valued {at})",
        "cash": "Cash: {won}",
        "coin": "{coin}: {amount} × {price} = {value}",
        "bot": "  of it bought by the bot {amount}, unrealised {won}",
        "sum": "Total: {won}",
        "trades": "📒 Last trades {n}/{total}",
        "no_trades": "No trade yet",
        "trade": "{at} {side} {market} {amount} × {price} = {total}",
        "profit": "📈 Profit and loss (average cost, fees in)",
        "of_days": "Last {days} days: realised {won}, {trades} trades, fees {fees}",
        "in_all": "In all: realised {won}, {trades} trades, winning sales {rate}",
        "unrealised": "Unrealised of what is held: {won}",
        "gate": "🚧 {market} {at}",
        "no_gate": "{market}: no cycle has met the gate yet",
        "cost": "🧾 Cost of the model\nToday: {today} ({today_calls} calls)\nThis month: {month} ({month_calls} calls)",
        "no_report": "No daily report yet; it comes each day at 09:00 KST",
        "no_cycle": "No cycle yet",
        "job": "{id}: {next}",
        "job_paused": "paused by {by}",
        "unknown": "Unknown command: /{name}\nThe commands: /help",
        "no_command": "A command begins with /. The commands: /help",
        "number": "After /{name} only one number from 1 to {most} is allowed",
        "no_args": "Nothing is allowed after /{name}",
        "one_cycle": "After /why comes the name of one cycle, such as /why KRW-ETH-20260105T0300Z",
        "failed": "No answer could be had: {why}",
        "stale": "{n} old commands were not carried out: {what}\nSend them again if you still want them",
        "too_many": "{n} of many questions were not answered: {what}\nSend them again if you still want them",
    },
}
