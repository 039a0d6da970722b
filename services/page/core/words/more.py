"""How it is set up (pure)."""

from services.page.core.words.both import Both

WORDS = {
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
    "job_paused": Both("멈춰 있습니다.", "Halted."),
    "job_by": Both("마지막으로 바꾼 때 {at}, {by}.", "Last switched {at} by {by}."),
    "ask_job_pause": Both("‘{job}’ 일을 멈출까요?", "Halt “{job}”?"),
    "ask_job_resume": Both("‘{job}’ 일을 다시 할까요?", "Let “{job}” go on?"),
    "pause_trading_job": Both(
        "새 사이클을 시작하지 않습니다. 손절과 추적 손절은 계속 지킵니다.",
        "No new cycle starts. Stop-losses are still watched.",
    ),
    "pause_portfolio_snapshot_job": Both(
        "자산을 평가하지 않아 지금 자산과 성과가 옛 값에 머뭅니다.",
        "The account is not valued, so that what you own and what it earned stay as they are.",
    ),
    "pause_daily_report_job": Both("하루 보고가 오지 않습니다.", "No daily report comes."),
    "resume_trading_job": Both(
        "다음 정각부터 새 사이클을 시작합니다.", "New cycles start again from the next slot on."
    ),
    "resume_portfolio_snapshot_job": Both("다음 정각부터 다시 평가합니다.", "Valued again from the next hour on."),
    "resume_daily_report_job": Both("하루 보고가 다시 옵니다.", "The daily report comes again."),
    "budget": Both("모델 예산, 오늘", "Model budget, today"),
    "budget_is": Both("다 쓰면 규칙 분석가가 대신 판단합니다.", "Once it is used up, the rules decide instead."),
    "settings": Both("설정", "Settings"),
    "settings_where": Both("읽기 전용, .env에서 바꿉니다", "read only; change them in .env"),
    "settings_rest": Both("기본값 그대로인 설정 {n}개", "{n} settings as they come"),
    "secret_set": Both("설정됨 ••••••••", "set ••••••••"),
    "secret_not_set": Both("설정되지 않음", "not set"),
    "secret_unknown": Both("다른 서비스가 보관합니다", "kept by another service"),
    "unset": Both("없음", "unset"),
    "not_yet_used": Both("마지막 사이클은 {used}로 판단했습니다", "the last cycle was decided by {used}"),
    "setting_since": Both("{at}부터, 그 전에는 {before}", "since {at}, before that {before}"),
    "links": Both("다른 곳", "Elsewhere"),
    "uptime": Both("시계가 돈 시간", "Clock up for"),
    "hours_minutes": Both("{hours}시간 {minutes}분", "{hours} h {minutes} min"),
    "grafana": Both("Grafana 대시보드", "Grafana dashboards"),
    "api_docs": Both("API 문서", "API documentation"),
    "notices": Both("쓰인 것", "Made with"),
}
