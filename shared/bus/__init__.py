"""The bus: one log of events on NATS JetStream, and the rules the server enforces on it.

namespace.py    the names of subjects and streams, with or without a prefix in front
topology.py     the only creator of streams and consumers
wire.py         an event to bytes and back
event_log.py    emit: publish once, or load what is stored
outcome.py      an exception becomes an acknowledgement: try again, or bury
tracing.py      the trace of a cycle, from message to message
broker.py       FastStream's broker with the defaults that trading needs, and the guard
stream.py       the messages of a stream, got directly from the broker
records.py      the log as people read it: cycles, the last ones, what was missed
dead_letters.py what could not be handled
switch.py       what the owner wants the bot to do, in a key-value bucket
"""
