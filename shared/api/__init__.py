"""The backend's API as both sides read it: what it answers, and at which address.

routes.py     every address, with the shape of its answer
shape.py      what every answer is made of
bot.py, chart.py, costs.py, cycles.py …     the shapes, by what they are about

The backend declares them, so that /openapi.json has them. Whoever asks reads with the route, and so do the doubles in
the tests answer: no side can change alone.
"""
