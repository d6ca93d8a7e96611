"""What a person would get, for a frame on our pages: documents that run and load nothing."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from comms.channels.base import Said
from comms.log.message import Message
from comms.sending.sample import Sample

POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
# A browser shows no PDF inside a sandbox; in a PDF of ours there is nothing that runs.
PDF_POLICY = "default-src 'none'; object-src 'self'; frame-ancestors 'self'"

PAGE = (
    "<style>body { margin: 0; padding: 20px; font: 16px/1.5 system-ui, sans-serif; color: #1c1b18; "
    "overflow-wrap: anywhere; } p, ul, ol { margin: 0 0 12px; }</style>"
)


def framed(document: str) -> HttpResponse:
    """Answer with a document for a frame."""
    return _guarded(HttpResponse(document), POLICY)


def pdf(data: bytes) -> HttpResponse:
    """Answer with a PDF for a frame, in the browser's own viewer."""
    response = HttpResponse(data, content_type="application/pdf")
    response["Content-Disposition"] = "inline"
    return _guarded(response, PDF_POLICY)


def of(request: HttpRequest, sample: Sample) -> HttpResponse:
    """Show a sample as its channel's form has it; why it cannot be made, where it cannot."""
    shown_as = sample.channel.form.shown_as
    if sample.data and shown_as == "pdf":
        return pdf(sample.data)
    if sample.data and shown_as == "mail":
        return framed(_with_head(sample))
    if sample.data and shown_as == "page":
        return framed(_as_our_pages(sample.data.decode("utf-8", "replace")))
    entry = sample.entry
    said = Said(entry.to_name, entry.organisation.sender_name, entry.title, entry.words)
    context = {
        "sample": sample,
        "shown_as": shown_as,
        "takes": sample.channel.takes(said),
        "places": sample.channel.places(said),
    }
    return _guarded(render(request, "comms/preview_frame.html", context), POLICY)


def _as_our_pages(document: str) -> str:
    """Let a document that brings no style look like the residents' page, on which it is read."""
    return document.replace("</head>", f"{PAGE}</head>", 1)


def _with_head(sample: Sample) -> str:
    """Write above a mail what a mail program shows above it."""
    message = Message(sample.data)
    head = render_to_string(
        "comms/preview_head.html", {"sender": message.sender, "subject": sample.entry.title}
    )
    before, body, after = message.source.partition("<body")
    tag, end, rest = after.partition(">")
    return f"{before}{body}{tag}{end}{head}{rest}" if body else head + message.source


def _guarded(response: HttpResponse, policy: str) -> HttpResponse:
    response["Content-Security-Policy"] = policy
    response["X-Content-Type-Options"] = "nosniff"
    response["Referrer-Policy"] = "no-referrer"
    response._csp_exempt = True  # type: ignore[attr-defined]
    return response
