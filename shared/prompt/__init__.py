"""What the model is asked: made by the analyst, and made again out of the log by the backend (pure).

build.py      the two texts, and their digest
sections.py   the parts of the user's text, by the names in the template (market_sections.py, bot_sections.py)
facts.py      the numbers by name (evidence.py), which the text shows and a reply's evidence is checked against
advice.py     what may be answered
request.py    how it is sent
"""
