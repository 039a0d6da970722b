"""The backend: reads every event into the books, and answers for them over HTTP.

Consumes: every event of the log (reader `projection`).
Emits:    ControlGiven, JobSwitched, SaleDue, PanicDue; ReportReady.
Owns:     all tables of the database; the owner's wish in the bucket; the API.
"""
