"""The mail as one recipient would get it."""

import uuid

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET

from comms.drafting import audience, html, merge
from comms.views.one import ONE, found
from portfolio.access import MemberRequest, member

FRAME_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"


@xframe_options_sameorigin
@member()
@require_GET
def preview(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Give the mail as one recipient would get it, for a frame that runs and loads nothing."""
    one = found(public_id)
    organisation = one.organisation
    footer = [line.strip() for line in organisation.address.splitlines() if line.strip()]
    document = html.wrap_for_mail(one.body, organisation_name=organisation.name, footer_lines=footer)
    recipient = (
        one.recipients.filter(pk=_number(request.GET.get("recipient", ""))).first() or one.recipients.first()
    )
    values = audience.values_at_sending(one, recipient) if recipient else {}
    # What has no value yet stays visible as the field's name.
    shown = {name: values.get(name) or f"[{field.label}]" for name, field in merge.FIELDS.items()}
    filled = document if merge.unknown_fields(document) else merge.fill_html(document, shown)
    return framed(filled)


def framed(document: str) -> HttpResponse:
    """Answer with a document for a frame that runs and loads nothing."""
    response = HttpResponse(document)
    response.headers["Content-Security-Policy"] = FRAME_POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    response._csp_exempt = True  # type: ignore[attr-defined]
    return response


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 18 else 0


urlpatterns = [path(f"{ONE}preview/", preview, name="preview")]
