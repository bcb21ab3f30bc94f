"""A typed Python client, generated from docs/openapi.json as integrators do it, against a running service."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.processes import running_service
from tests.unit.house.source_files import ROOT

BIN: Final = Path(sys.executable).parent

# The generator's own template passes `*args: object` on; everything that comes from our document is checked.
MYPY: Final = "[mypy]\nstrict_equality = true\n[mypy-motcua_client.client]\ndisable_error_code = arg-type\n"

PROGRAM: Final = """\
import sys

from motcua_client import AuthenticatedClient, Client
from motcua_client.api.cases import get_case, register_case
from motcua_client.api.identity import issue_token
from motcua_client.api.lookups import verify_id_card
from motcua_client.models import CaseRead, GrantType, IssueTokenTokenForm, RegisterCaseRequest, TokenRead
from motcua_client.models import VerifyIdCardRead, VerifyIdCardRequest

APPLICANT = {"full_name": "NGUYỄN THỊ MINH NGỌC", "id_number": "100190000001", "birth_date": "1990-07-30"}
form = IssueTokenTokenForm(grant_type=GrantType.PASSWORD, username="receiver", password="sandbox")
token = issue_token.sync(client=Client(base_url=sys.argv[1]), body=form)
assert isinstance(token, TokenRead), token
client = AuthenticatedClient(base_url=sys.argv[1], token=token.access_token)

question = VerifyIdCardRequest(procedure_code="1.004194", **APPLICANT)
card = verify_id_card.sync(client=client, body=question)
assert isinstance(card, VerifyIdCardRead), card
print(card.result.value)

wanted = RegisterCaseRequest.from_dict({
    "procedure_code": "1.004194", "channel": "in_person", "applicant": APPLICANT,
    "documents": [], "lookup_ids": [str(card.lookup_id)],
})
case = register_case.sync(client=client, body=wanted)
assert isinstance(case, CaseRead), case
again = get_case.sync(client=client, receipt_number=case.receipt_number)
assert isinstance(again, CaseRead), again
print(again.applicant.id_number)
"""


def run(*command: str, folder: Path) -> str:
    environment = os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}", "MYPYPATH": "", "PYTHONPATH": ""}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.timeout(400)
def test_a_client_generated_from_the_openapi_is_typed_and_works(tmp_path: Path) -> None:
    document = str(ROOT / "docs" / "openapi.json")
    generate = [str(BIN / "openapi-python-client"), "generate", "--path", document, "--meta", "none"]
    # What the generator cannot express is a warning, and the operation would be missing.
    run(*generate, "--output-path", "motcua_client", "--fail-on-warning", folder=tmp_path)
    operations = [
        operation
        for path in json.loads(Path(document).read_text(encoding="utf-8"))["paths"].values()
        for operation in path.values()
    ]
    modules = [
        path for path in (tmp_path / "motcua_client" / "api").glob("*/*.py") if path.name != "__init__.py"
    ]
    assert len(modules) == len(operations)

    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    (tmp_path / "mypy.ini").write_text(MYPY, encoding="utf-8")
    run(
        str(BIN / "mypy"),
        "--config-file",
        "mypy.ini",
        "-p",
        "motcua_client",
        "-m",
        "program",
        folder=tmp_path,
    )

    with running_service(f"sqlite:///{tmp_path / 'service.db'}", tmp_path) as service:
        output = run(sys.executable, str(program), service.base_url, folder=tmp_path)
    assert output.split() == ["exists", "100190000001"]
