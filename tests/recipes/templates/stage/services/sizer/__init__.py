"""sizer: how much is this decision worth?

consumes  DecisionMade
emits     PositionSized
owns      nothing
"""
