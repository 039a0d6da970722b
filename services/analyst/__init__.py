"""analyst: buy, sell or hold?

consumes  SignalPassed
emits     DecisionMade
owns      nothing; loads the snapshot the signal names
"""
