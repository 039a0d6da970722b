"""The paper exchange: a server that speaks Upbit's REST API over a price tape, with pretend money.

Consumes: HTTP requests as Upbit documents them; with the admin's token `/admin/time`, where its clock is stepped, and
`/admin/faults`, where it is told how to misbehave; with PAPER_TAPE=upbit Upbit's public quotes.
Emits: no events; it answers.
Owns: the paper account, its orders, the exchange's time and the nonces used (`<data_dir>/paper`), the synthetic tape.
"""
