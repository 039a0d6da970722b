"""analyst: buy, sell or hold?

consumes  SignalPassed
emits     DecisionMade
owns      the bucket budget, what the model cost today; loads the snapshot the signal names

The rules decide where there is no key and where the day's money is spent; whatever else goes wrong with the
model is a hold.
"""
