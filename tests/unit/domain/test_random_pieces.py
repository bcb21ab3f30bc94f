import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from app.domain.random_pieces import PIECE_BYTES, random_piece

FORKS = """
import os
from app.domain.random_pieces import random_piece
random_piece()
for _ in range(3):
    if (child := os.fork()) == 0:
        break
    os.waitpid(child, 0)
print("".join(random_piece().hex() + "\\n" for _ in range(100)), end="", flush=True)
"""


def test_no_two_threads_get_the_same_piece() -> None:
    def take(_thread: int) -> list[bytes]:
        return [random_piece() for _ in range(5_000)]

    with ThreadPoolExecutor(8) as threads:
        pieces = [piece for taken in threads.map(take, range(8)) for piece in taken]
    assert len(set(pieces)) == 40_000
    assert {len(piece) for piece in pieces} == {PIECE_BYTES}


def test_no_two_processes_get_the_same_piece() -> None:
    forked = subprocess.run([sys.executable, "-c", FORKS], capture_output=True, text=True, check=True)
    pieces = forked.stdout.split()
    assert (len(pieces), len(set(pieces))) == (400, 400)
