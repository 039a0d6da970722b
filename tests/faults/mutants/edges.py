"""What comes from outside and is not believed, and texts on a screen."""
# ruff: noqa: E501 - what is replaced stands in one line as it does in the code

from tests.faults.mutants import Mutant, mutant

MUTANTS: tuple[Mutant, ...] = (
    mutant("the word about another order", "tests/contract/test_upbit_exchange.py",
        ("services/executor/adapters/upbit_answers.py", 'if of(order, "identifier") not in (None, name):', "if False:")),
    mutant("a price of 0 is a price", "tests/unit/shared/test_parsing.py",
        ("shared/parsing.py", "    if not 0 < exact <= PRICE_MAX:\n", "    if not 0 <= exact <= PRICE_MAX:\n")),
    mutant("one bad candle ends the collector's window", "tests/unit/shared/test_parsing.py tests/contract/test_odd_answers.py",
        ("shared/upbit_answers.py", "            left_out(e)\n", "            raise\n")),
    mutant("one market's trouble blinds the exit guard to all", "tests/unit/clock/test_guard.py",
        ("services/clock/watch.py", "                troubles.append(self._trouble(ticker.market, e))\n", "                raise\n")),
    mutant("markup is believed", "tests/unit/cli/test_screen.py",
        ("services/cli/screen.py", "super().__init__(markup=False,", "super().__init__(markup=True,")),
    mutant("a display ends trading", "tests/unit/cli/test_screen.py",
        ("services/cli/commands/up.py", "        except Exception as e:\n            screen.print(line(", "        except ValueError as e:\n            screen.print(line(")),
    mutant("a gateway's page refuses the bot's token", "tests/contract/test_odd_answers_of_others.py",
        ("services/notifier/adapters/bot_api.py", ' or said.get("ok") is not False:', ":")),
    mutant("requests for this machine leave by the proxy", "tests/unit/shared/test_http_client.py",
        ("shared/http_client.py", "    if is_near(host) or proxy_bypass(host):\n", "    if proxy_bypass(host):\n")),
)  # fmt: skip
