"""What was freed goes back to the system."""

import subprocess
import sys

# Blocks of a megabyte, freed below a small one that stays: on a heap of glibc's they would stay too.
_PROGRAM = """
import os
from pathlib import Path

from app.serving.memory import give_freed_memory_back

def resident_megabytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") >> 20

give_freed_memory_back()
bytearray(16 << 20)
before = resident_megabytes()
blocks = [bytearray(1 << 20) for _ in range(64)]
stays = bytearray(100_000)
blocks.clear()
print(resident_megabytes() - before)
"""


def test_freed_blocks_do_not_stay() -> None:
    told = subprocess.run([sys.executable, "-c", _PROGRAM], check=True, capture_output=True, text=True)
    assert int(told.stdout) < 8
