"""The printed receipt of a case (giấy tiếp nhận hồ sơ và hẹn trả kết quả)."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Security
from starlette.responses import HTMLResponse, Response

from app.deps import Cases, current_caller
from app.domain.caller import Caller, Scope
from app.domain.receipt_form import ReceiptForm, receipt_form
from app.errors import CaseNotFoundError, ServiceUnavailableError
from app.intake.route import ServiceRoute
from app.problems import problems
from app.receipts.page import PAGE_POLICY, receipt_page
from app.routers.case_answers import ONE_CASE, ReceiptNumberInPath
from app.schemas.media_types import prefers

router = APIRouter(route_class=ServiceRoute, prefix="/cases", tags=["cases"])

_HTML: Final = "text/html"
_PDF: Final = "application/pdf"
# One at a time: documents share the fonts, which keep a place in their files. And a long receipt takes
# seconds, in which searches need the other threads.
_PRINTER: Final = ThreadPoolExecutor(1, thread_name_prefix="receipt")
_FORMS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {
            _HTML: {"schema": {"type": "string"}},
            _PDF: {"schema": {"type": "string", "contentMediaType": _PDF}},
        }
    }
}


@router.get(
    f"{ONE_CASE}/receipt",
    summary="Giấy tiếp nhận hồ sơ và hẹn trả kết quả",
    response_class=HTMLResponse,
    responses=problems.responses(CaseNotFoundError, ServiceUnavailableError) | _FORMS,
)
async def get_receipt(
    receipt_number: ReceiptNumberInPath,
    caller: Annotated[Caller, Security(current_caller, scopes=[Scope.CASES_READ])],
    cases: Cases,
    accept: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Response:
    """Give the receipt that the applicant takes home, ready to print: Mẫu số 01 of TT 01/2018/TT-VPCP.

    A page by default, a PDF with `Accept: application/pdf`. What the service does not know is left as a line
    to fill in by hand. The QR code holds the receipt number. An online case that nobody has received yet has
    no due date, and its receipt says so.
    """
    form = receipt_form(await cases.get(caller, receipt_number))
    if prefers(accept, _PDF, default=_HTML):
        headers = {"Content-Disposition": f'inline; filename="{form.receipt_number}.pdf"', "Vary": "Accept"}
        printed = await asyncio.get_running_loop().run_in_executor(_PRINTER, _pdf, form)
        return Response(printed, media_type=_PDF, headers=headers)
    return HTMLResponse(
        receipt_page(form), headers={"Content-Security-Policy": PAGE_POLICY, "Vary": "Accept"}
    )


def _pdf(form: ReceiptForm) -> bytes:
    # Here, because it costs 7 MB and a twentieth of a start, and many offices print the page.
    from app.receipts.pdf import receipt_pdf  # noqa: PLC0415

    return receipt_pdf(form)
