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
    "links": Both("다른 곳", "Elsewhere"),
    "api_docs": Both("API 문서", "API documentation"),
    "notices": Both("쓰인 것", "Made with"),
}
