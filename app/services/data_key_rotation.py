"""Changes the key that seals personal values: puts the change on record, and seals everything anew."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from app.clock import Clock
from app.db.engine import Database
from app.db.sealed_values import SEALED_COLUMNS, SealedColumn, reseal_page
from app.keys.data_keys import DataKeys
from app.keys.sealing import Seal
from app.services.audit_data_keys import data_key_place
from app.services.case_rows import content_place
from app.services.case_writer import answer_place
from app.services.change_rows import change_place
from app.services.directory import id_number_place
from app.services.operator_audit import OperatorAuditLog
from app.services.second_factor import second_factor_place
from app.services.webhooks import secret_place

PREPARED: Final = "data-key-prepared"
SWITCHED: Final = "data-key-switched"
RESEALED: Final = "data-key-resealed"

_PAGE: Final = 200
PLACES: Final[Mapping[str, Callable[..., str]]] = {
    "id_number_sealed": id_number_place,
    "second_factor_sealed": second_factor_place,
    "second_factor_offered": second_factor_place,
    "content_sealed": content_place,
    "details_sealed": change_place,
    "secret_sealed": secret_place,
    "answer_sealed": answer_place,
    "wrapped": data_key_place,
}


async def record_change(
    result: str,
    keys: DataKeys,
    *,
    database: Database,
    audit: OperatorAuditLog,
    clock: Clock,
    resealed: int | None = None,
) -> None:
    """Put a step of the change on record, with the keys as they are after it.

    Raises:
        ServiceUnavailableError, AuditUnavailableError: the record cannot be written.
    """
    details: dict[str, str | int | tuple[str, ...]] = {
        "sealing_key": keys.names[0],
        "opening_keys": keys.names[1:],
    }
    async with database.write() as session:
        await audit.append_result(
            session,
            result,
            at=clock(),
            details=details if resealed is None else details | {"resealed": resealed},
        )


async def reseal_everything(keys: DataKeys, *, database: Database, tell: Callable[[str, int], None]) -> int:
    """Seal anew whatever another key than the sealing one has sealed; return how many values.

    May run beside the service and be broken off at any moment: a page of 200 values is one transaction, and
    what was done stays done. `tell` is told of each column's count.

    Raises:
        SealBrokenError: a value opens with none of the keys; nothing of its page was changed.
        ServiceUnavailableError: the database cannot be reached.
    """
    seal, total = Seal(keys.sealing, keys.opening), 0
    for column in SEALED_COLUMNS:
        changed = await _reseal(column, seal, database)
        tell(f"{column.table_name}.{column.column_name}", changed)
        total += changed
    return total


async def _reseal(column: SealedColumn, seal: Seal, database: Database) -> int:
    place_of = PLACES[column.column_name]

    def anew(names: tuple[Any, ...], value: bytes) -> bytes | None:
        return seal.resealed(value, place=place_of(*names))

    changed, after = 0, None
    while True:
        page = await database.change(
            partial(reseal_page, sealed=column, reseal=anew, after=after, limit=_PAGE)
        )
        changed, after = changed + page.changed, page.last
        if page.seen < _PAGE:
            return changed
