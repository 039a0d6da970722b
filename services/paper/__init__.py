"""The paper exchange: a server that speaks Upbit's REST API over a price tape, with pretend money.

Consumes: HTTP requests as Upbit documents them, and `POST /admin/time` where its clock is stepped.
Emits: no events; it answers.
Owns: the paper account, its orders and the exchange's time (`<data_dir>/paper`), and the synthetic tape.
"""
