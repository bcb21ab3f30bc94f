"""A listener that takes no new connection and keeps those that it has."""

import socket

import pytest

from app.serving.deaf_listeners import deafen


def test_what_is_connected_stays_and_nothing_new_comes() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(8)
        address = listener.getsockname()
        with socket.create_connection(address, timeout=5) as early:
            early.sendall(b"sent before anybody accepted")
            deafen([listener])
            with pytest.raises(TimeoutError):
                socket.create_connection(address, timeout=0.3).close()
            accepted, _ = listener.accept()
            with accepted:
                assert accepted.recv(100) == b"sent before anybody accepted"
                # The connection itself hears as before.
                early.sendall(b"and after")
                assert accepted.recv(100) == b"and after"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=5).close()
