"""Connections whose bytes can be called back, so that giving up a request withdraws it.

A kernel sends what was not acknowledged again for a quarter of an hour, also when nobody waits for the answer any more.
On these connections it stops after UNACKED_S, and closing one throws away what was not delivered: the other side is
told so by a reset.
"""

import socket
import struct

UNACKED_S = 10.0


Option = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]


def socket_options() -> list[Option]:
    options: list[Option] = [(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))]
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # on Linux; elsewhere closing alone withdraws
        options.append((socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(UNACKED_S * 1000)))
    return options
