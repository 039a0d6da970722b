"""How long an order can be on its way: every limit in one place, because each follows from the others (pure).

An order leaves within SEND_WITHIN_S of the look it rests on. After that the machine's kernel still sends it again for
UNACKED_S where no acknowledgement comes, and we wait as long for its answer; then the connection is reset and what was
not delivered is thrown away. A panic that has paused the bot therefore waits IN_FLIGHT_S before it believes the
exchange. What a network has taken up and holds back, and a machine that stands still between its last look at the clock
and its request, no code can call back: so a buy that may have left stays in doubt for IN_DOUBT_S.
"""

from shared.upbit_wire import UNACKED_S

SEND_WITHIN_S = 5.0  # from the moment before the look to the moment before the bytes leave
CONNECT_S = 3.0
ANSWER_S = 10.0  # of each step of a request: writing it, waiting for a part of the answer
CALL_S = 15.0  # of a call as a whole: a body that drips in would never end otherwise
IN_FLIGHT_S = SEND_WITHIN_S + max(ANSWER_S, UNACKED_S) + 1.0
IN_DOUBT_S = 120.0

# A machine may stand still for so long just before its bytes leave; for longer, and its order comes after the doubt.
STANDSTILL_S = IN_DOUBT_S - SEND_WITHIN_S - UNACKED_S
