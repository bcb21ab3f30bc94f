"""Lets a listening socket take no new connection, and lose none that it has.

Closing a listener resets the connections that the system has set up and nobody has accepted yet; whoever sent
a request into one of them cannot know whether it was heard. A filter in the kernel drops attempts to connect
instead: who makes one tries again, and meets the closed port, which a balancer passes by.
"""

import ctypes
import os
import socket
import struct
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

_ATTACH_FILTER: Final = 26
"""SO_ATTACH_FILTER of Linux, which Python does not name."""
_DROP_EVERYTHING: Final = struct.pack("HBBI", 0x06, 0, 0, 0)
"""A filter of one instruction, BPF_RET: of each packet nothing is kept."""


def deafen(listeners: Iterable[socket.socket]) -> None:
    """Have no new connection arrive at the sockets; elsewhere than on Linux nothing is done."""
    if sys.platform != "linux":
        return
    instruction = ctypes.create_string_buffer(_DROP_EVERYTHING, len(_DROP_EVERYTHING))
    program = struct.pack("HL", 1, ctypes.addressof(instruction))
    for listener in listeners:
        # Where the kernel forbids it, the process ends as it would have without.
        with suppress(OSError), socket.socket(fileno=os.dup(listener.fileno())) as ours:
            ours.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, program)
