"""replay: the real handlers over recorded cycles, in a plain loop: no broker, no network, no clock.

consumes  recorded cycles, read from an event log
emits     nothing; gives what the handlers say today, to be held against what was said then
owns      the log in memory; ports that answer from recorded events, and none that could act
"""
