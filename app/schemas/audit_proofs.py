"""Shapes of the audit log's proofs on the wire."""

import re
from base64 import b64encode
from typing import Annotated, Final, Self

from pydantic import ConfigDict

from app.domain.audit_proof import ConsistencyProof, InclusionProof
from app.schemas.base import RequestSchema, ResponseSchema
from app.schemas.checked import Checked, refuse
from app.schemas.terms import term

# Fifteen digits are exact in every JSON reader.
_SIZE: Final = re.compile(r"[1-9][0-9]{0,14}")


def _size(raw: str) -> int:
    if not _SIZE.fullmatch(raw):
        refuse("out-of-range")
    return int(raw)


def _base64(value: bytes) -> str:
    return b64encode(value).decode()


_TreeSize = Annotated[int, Checked(_size, {"pattern": f"^{_SIZE.pattern}$"})]


class InclusionProofQuery(RequestSchema):
    """In which log the record is to be shown."""

    tree_size: (
        Annotated[
            _TreeSize,
            term(
                "Number of records of that log; default the newest checkpoint's.",
                "số bản ghi",
                examples=["1"],
            ),
        ]
        | None
    ) = None


class InclusionProofRead(ResponseSchema):
    """Proof that a log holds a record, as RFC 9162 2.1.3 has it (chứng minh bản ghi có trong nhật ký)."""

    leaf_index: Annotated[int, term("The record's sequence.", "số thứ tự bản ghi")]
    tree_size: Annotated[int, term("Number of records of that log.", "số bản ghi")]
    leaf_hash: Annotated[str, term("The record's leaf hash, base64.", "giá trị băm của bản ghi")]
    hashes: Annotated[
        list[str], term("Hashes from the leaf to the root, base64.", "các giá trị băm chứng minh")
    ]

    @classmethod
    def of(cls, proof: InclusionProof) -> Self:
        """Show a proof."""
        return cls(
            leaf_index=proof.leaf_index,
            tree_size=proof.tree_size,
            leaf_hash=_base64(proof.leaf_hash),
            hashes=[_base64(one) for one in proof.hashes],
        )


class ConsistencyProofQuery(RequestSchema):
    """Which two logs are to be compared."""

    first: Annotated[
        _TreeSize,
        term("Number of records of the earlier log.", "số bản ghi trước", alias="from", examples=["1"]),
    ]
    second: Annotated[
        _TreeSize,
        term("Number of records of the later log.", "số bản ghi sau", alias="to", examples=["1"]),
    ]


class ConsistencyProofRead(ResponseSchema):
    """Proof that a log begins with an earlier one, RFC 9162 2.1.4 (chứng minh nhật ký chỉ được thêm)."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    first: Annotated[int, term("Number of records of the earlier log.", "số bản ghi trước", alias="from")]
    second: Annotated[int, term("Number of records of the later log.", "số bản ghi sau", alias="to")]
    hashes: Annotated[list[str], term("Hashes of the proof, base64.", "các giá trị băm chứng minh")]

    @classmethod
    def of(cls, proof: ConsistencyProof) -> Self:
        """Show a proof."""
        return cls(first=proof.first, second=proof.second, hashes=[_base64(one) for one in proof.hashes])
