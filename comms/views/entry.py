"""One entry of the log: what was sent, as the recipient got it, and what became of it."""

import hashlib
import io
import uuid
from typing import Any

from django.db.models import Q, QuerySet
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils.cache import patch_vary_headers
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from comms.channels import registry
from comms.channels.base import Form
from comms.log import access
from comms.log.columns import links, reason
from comms.log.message import Message, clean_page
from comms.models import LogEntry, Recipient, Ticket
from comms.portal import withheld
from comms.sending import again
from comms.views import frame
from portfolio.access import MemberRequest, member

TABS = {
    "message": "Message",
    "text": "Plain text",
    "headers": "Headers",
    "attachments": "Attachments",
    "request": "What was sent",
}


def entries() -> QuerySet[LogEntry]:
    related = ("block", "unit", "contact", "regarding", "ticket", "communication")
    return LogEntry.objects.select_related(
        "delivery", "sender", "corrects", "copy_of", *(f"delivery__{name}" for name in related)
    )


@member()
@require_safe
def entry(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Show an entry on its own page, or as the pane beside the list when a script asks for that."""
    found = get_object_or_404(entries(), public_id=public_id)
    access.note(request.organisation, request.user, access.Kind.OPENED, entry=found)
    htmx = bool(getattr(request, "htmx", False))
    template = "comms/_entry_pane.html" if htmx else "comms/entry.html"
    response = render(request, template, {"nav": "log", "in_pane": htmx, **pane(request, found)})
    patch_vary_headers(response, ["HX-Request"])
    return response


def pane(request: MemberRequest, found: LogEntry) -> dict[str, Any]:
    """Give what the templates of an entry need."""
    found.organisation = found.delivery.organisation = request.organisation
    message = message_of(found)
    tabs = {name: words for name, words in TABS.items() if _has(message, found, name)}
    tab = request.GET.get("tab", "")
    return {
        "entry": found,
        "message": message,
        "tabs": tabs,
        "tab": tab if tab in tabs else next(iter(tabs), ""),
        "links": links(found.delivery, request.organisation.slug, everything=True),
        "reason": reason(found.delivery),
        "events": found.events.select_related("actor").prefetch_related("proofs"),
        "copies": found.copies.select_related("organisation").order_by("pk"),
        "tickets": _tickets(found),
        "recipient": _recipient(found),
        "may_send_again": _may_send_again(found),
        "corrections": found.corrections.order_by("pk"),
        "kept": bool(found.layout),
        "form": form_of(found),
        "request_text": _request(found),
    }


def _tickets(found: LogEntry) -> QuerySet[Ticket]:
    """List the tickets about an entry, and the one that it was written on."""
    rows = Ticket.objects.filter(Q(entry=found) | Q(pk=found.ticket_id or 0))
    return rows.select_related("organisation", "assignee").order_by("pk")


def _recipient(found: LogEntry) -> Recipient | None:
    """Give the outbox row, which knows of the next attempt."""
    return Recipient.objects.filter(pk=found.recipient_id or 0).first()


def _may_send_again(found: LogEntry) -> bool:
    if found.delivery.status not in again.NOT_ARRIVED or found.manual:
        return False
    return not again.refusal(found) and again.copy_of(found) is None


def form_of(found: LogEntry) -> Form:
    """Say what the exact bytes of an entry are."""
    return registry.get(found.channel).form


def _request(found: LogEntry) -> str:
    """Give the request to a provider as it was made, for those messages that are one."""
    if not found.layout or form_of(found).shown_as not in ("bubble", "card"):
        return ""
    return found.exact_bytes().decode("utf-8", "replace")


def message_of(found: LogEntry) -> Message | None:
    """Take an email apart; other messages have no parts."""
    return Message(found.exact_bytes()) if found.layout and form_of(found).shown_as == "mail" else None


def page_of(found: LogEntry) -> str:
    """Give the HTML of what is shown as a page, cleaned once more."""
    if not found.layout:
        return ""
    shown_as = form_of(found).shown_as
    if shown_as == "page":
        return clean_page(found.exact_bytes().decode("utf-8", "replace"))
    message = message_of(found)
    return message.html if message and message.source else ""


def _has(message: Message | None, found: LogEntry, tab: str) -> bool:
    if message is None:
        kept = bool(found.layout)
        shown_as = form_of(found).shown_as
        shown = {
            "message": kept,
            "text": bool(found.words),
            "request": kept and shown_as in ("bubble", "card"),
        }
        return shown.get(tab, False)
    return bool({"message": message.source, "text": message.text or not message.source}.get(tab, True))


@xframe_options_sameorigin
@member()
@require_safe
def entry_html(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Show the HTML of a message in a frame that can run nothing and fetch nothing."""
    html = page_of(get_object_or_404(LogEntry, public_id=public_id))
    if not html:
        raise Http404("There is no HTML in this message.")
    return frame.framed(render_to_string("comms/entry_frame.html", {"html": html}))


@xframe_options_sameorigin
@member()
@require_safe
def entry_pdf(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Show a letter as it was printed, in the browser's own viewer."""
    found = get_object_or_404(LogEntry, public_id=public_id)
    if not found.layout or form_of(found).shown_as != "pdf":
        raise Http404("This message is no letter.")
    return frame.pdf(found.exact_bytes())


@member()
@require_safe
def entry_file(request: MemberRequest, public_id: uuid.UUID, number: int) -> FileResponse:
    """Hand out an attachment as it was sent."""
    found = get_object_or_404(LogEntry, public_id=public_id)
    message = message_of(found)
    for file in message.attachments if message else []:
        if file.number == number:
            access.note(request.organisation, request.user, access.Kind.FILE, entry=found)
            return download(file.data, file.name, file.media_type)
    raise Http404("There is no such attachment.")


@member()
@require_safe
def entry_original(request: MemberRequest, public_id: uuid.UUID) -> HttpResponseBase:
    """Hand out the exact bytes of a message, once they are found to be what was recorded.

    A secret in them stays withheld; where it can still be derived, they are checked with the secret back in its place.
    """
    found = get_object_or_404(LogEntry, public_id=public_id)
    if not found.layout:
        raise Http404("The bytes of this message were not kept.")
    access.note(request.organisation, request.user, access.Kind.FILE, entry=found)
    data = found.exact_bytes()
    true = withheld.reveal(data) if found.withheld else data
    sha256 = hashlib.sha256(true).hexdigest()
    if sha256 != found.sha256 and (true != data or not found.withheld):
        return render(request, "comms/entry_changed.html", {"entry": found, "sha256": sha256}, status=500)
    form = form_of(found)
    without = "-withheld" if found.withheld else ""
    response = download(data, f"{found.public_id}{without}.{form.extension}", form.media_type)
    response["X-Content-SHA256"] = hashlib.sha256(data).hexdigest()
    return response


def download(data: bytes, name: str, media_type: str) -> FileResponse:
    response = FileResponse(io.BytesIO(data), as_attachment=True, filename=name, content_type=media_type)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    return response


urlpatterns: list[URLPattern] = [
    path("log/<uuid:public_id>/", entry, name="entry"),
    path("log/<uuid:public_id>/message.html", entry_html, name="entry-html"),
    path("log/<uuid:public_id>/letter.pdf", entry_pdf, name="entry-pdf"),
    path("log/<uuid:public_id>/original", entry_original, name="entry-original"),
    path("log/<uuid:public_id>/files/<int:number>/", entry_file, name="entry-file"),
]
