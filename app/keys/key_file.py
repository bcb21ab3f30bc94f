"""The keys that protect personal data at rest, sign our tokens and sign the audit log's checkpoints.

Kept in a file, never in the database.
"""

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from app.durable import locked, sync
from app.keys.data_keys import DataKeys, decoded, encoded
from app.keys.log_keys import LogKeys
from app.keys.token_keys import TokenKeys

_SANDBOX: Final = "sandbox"
# Of 32 bytes drawn by lot, about 30 differ; keys that somebody typed are of a few.
_LEAST_DIFFERENT_BYTES: Final = 16


class KeyFileError(Exception):
    """The key file is missing, unreadable, readable by others, or not of our format."""


class LogKeyMissingError(KeyFileError):
    """The key file is sound but from before checkpoints were signed: it has no log key."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The service's keys: `data_keys` seal, `index_key` makes references, `token_keys` sign tokens.

    `log_keys` sign checkpoints of the audit log.
    """

    data_keys: DataKeys = field(repr=False)
    index_key: bytes = field(repr=False)
    token_keys: TokenKeys = field(repr=False)
    log_keys: LogKeys = field(repr=False)

    @classmethod
    def generate(cls) -> Self:
        """Make new keys."""
        return cls(
            data_keys=DataKeys.generate(),
            index_key=secrets.token_bytes(32),
            token_keys=TokenKeys.generate(),
            log_keys=LogKeys.generate(),
        )

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the key file.

        Raises:
            KeyFileError: it is missing, readable by others, or not of our format.
            LogKeyMissingError: all that it lacks is a log key.
        """
        fields = _fields(path)
        try:
            token_keys = TokenKeys.of_fields(fields)
            data_keys = DataKeys.of_fields(fields)
            index_key = decoded(fields["index_key"])
            if "log_key" not in fields:
                raise LogKeyMissingError("the key file has no log key; add one: motcua keys rotate-log-key")
            log_key, retired = decoded(fields["log_key"]), tuple(map(decoded, fields["retired_log_keys"]))
        except (KeyError, TypeError, AttributeError, ValueError):
            # Nothing of the cause is kept: its message could hold a part of a key.
            raise KeyFileError("the key file is not of our format") from None
        if {len(index_key), len(log_key), *map(len, retired)} != {32}:
            raise KeyFileError("the key file holds keys of the wrong kind")
        sealing = (data_keys.sealing, *data_keys.opening)
        if index_key in sealing or any(
            len(set(key)) < _LEAST_DIFFERENT_BYTES for key in (*sealing, index_key, log_key)
        ):
            raise KeyFileError("the key file holds keys that can be guessed; motcua keys init makes others")
        return cls(
            data_keys=data_keys,
            index_key=index_key,
            token_keys=token_keys,
            log_keys=LogKeys.of_seed(log_key, retired),
        )

    def write(self, path: Path, *, is_for_sandbox: bool = False) -> None:
        """Write a new key file that only its owner can read; never overwrites one.

        One that the sandbox made says so, for production must not go on with it.

        Raises:
            FileExistsError: there is a file already.
            KeyFileError: it is there, and may not outlast a power cut.
        """
        fields: dict[str, Any] = self.data_keys.fields() | {"index_key": encoded(self.index_key)}
        fields |= self.token_keys.fields() | _log_key_fields(self.log_keys)
        fields |= {_SANDBOX: True} if is_for_sandbox else {}
        path.parent.mkdir(parents=True, exist_ok=True)
        with _draft_of(path, fields) as draft:
            os.link(draft, path)
            _make_durable(path)


def replace_log_keys(path: Path, log_keys: LogKeys) -> None:
    """Put other log keys into the key file, at once or not at all, and leave the other keys as they are.

    Raises:
        KeyFileError: it is missing, readable by others, not of our format, or its log key is not one that
            these have retired: somebody else has changed it meanwhile.
    """
    with _alone(path):
        fields = _fields(path)
        if "log_key" in fields and Keys.read(path).log_keys.public_keys != log_keys.retired:
            raise KeyFileError("the log key was changed meanwhile")
        _replace(path, fields | _log_key_fields(log_keys))


def refuse_sandbox_keys(path: Path) -> None:
    """Refuse keys that a sandbox made: they have lain about where invented people were good enough.

    Raises:
        KeyFileError: it is such a file, or cannot be read at all.
    """
    if _SANDBOX in _fields(path):
        raise KeyFileError("the sandbox made these keys; `motcua keys init` makes others for production")


def replace_token_keys(path: Path, token_keys: TokenKeys, *, instead_of: TokenKeys) -> None:
    """Put other token keys into the key file, at once or not at all, and leave the other keys as they are.

    Raises:
        KeyFileError: it is missing, readable by others, not of our format, or its token keys are not those
            that were to be replaced: somebody else has changed them meanwhile.
    """
    with _alone(path):
        present = Keys.read(path).token_keys
        if [key.jwk["kid"] for key in present.keys] != [key.jwk["kid"] for key in instead_of.keys]:
            raise KeyFileError("the token keys were changed meanwhile")
        _replace(path, _fields(path) | token_keys.fields())


def replace_data_keys(path: Path, data_keys: DataKeys, *, instead_of: DataKeys) -> None:
    """Put other data keys into the key file, at once or not at all, and leave the other keys as they are.

    Raises:
        KeyFileError: it is missing, readable by others, not of our format, or its data keys are not those
            that were to be replaced: somebody else has changed them meanwhile.
    """
    with _alone(path):
        if Keys.read(path).data_keys != instead_of:
            raise KeyFileError("the data keys were changed meanwhile")
        _replace(path, _fields(path) | data_keys.fields())


class TokenKeyFile:
    """Tells when the token keys of a key file have changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None

    def changed(self) -> TokenKeys | None:
        """Give the file's token keys if the file is another than at the last look; at the first look always.

        Raises:
            KeyFileError: it was changed and cannot be used; the next look tries again.
        """
        try:
            found = self._path.stat()
        except OSError as exc:
            raise KeyFileError(f"the key file cannot be read: {exc.strerror}") from exc
        mark = (found.st_ino, found.st_mtime_ns, found.st_size)
        if mark == self._seen:
            return None
        keys = Keys.read(self._path).token_keys
        self._seen = mark
        return keys


def _log_key_fields(log_keys: LogKeys) -> dict[str, Any]:
    return {
        "log_key": encoded(log_keys.seed),
        "retired_log_keys": [encoded(key) for key in log_keys.retired],
    }


def _fields(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_mode & (0o007 if _is_credential(path) else 0o077):
            raise KeyFileError("the key file must not be readable by group or others (chmod 600)")
        fields = json.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise KeyFileError(f"the key file cannot be read: {exc.strerror}") from exc
    except ValueError:
        raise KeyFileError("the key file is not of our format") from None
    if not isinstance(fields, dict):
        raise KeyFileError("the key file is not of our format")
    return fields


def _is_credential(path: Path) -> bool:
    """Tell whether systemd handed the file over to this account alone (systemd.exec(5), LoadCredential).

    It may do so by an access control list, whose mask stands where the group's mode does.
    """
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    return folder is not None and path.resolve().parent == Path(folder).resolve()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep other commands of this machine from changing the key file meanwhile."""
    with ExitStack() as lock:
        try:
            lock.enter_context(locked(path.absolute().parent))
        except OSError as exc:
            raise KeyFileError(f"the key file cannot be read: {exc.strerror}") from exc
        yield


def _replace(path: Path, fields: Mapping[str, Any]) -> None:
    """Put another content in the file's place; durable when this returns, before anything is sealed by it."""
    with _draft_of(path, fields) as draft:
        draft.replace(path)
        _make_durable(path)


def _make_durable(path: Path) -> None:
    try:
        sync(path.absolute().parent)
    except OSError as exc:
        raise KeyFileError(f"it was written, and may not outlast a power cut: {exc.strerror}") from exc


@contextmanager
def _draft_of(path: Path, fields: Mapping[str, Any]) -> Iterator[Path]:
    """Write the file whole beside its place, so that no process ever reads half of it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(json.dumps(fields, indent=1))
            stream.flush()
            os.fsync(stream.fileno())
        yield draft
    finally:
        draft.unlink(missing_ok=True)
