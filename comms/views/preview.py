"""A message as one recipient would get it by one channel, while it is being written."""

import uuid

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods

from comms.drafting import html
from comms.models import Communication, Recipient, Translation
from comms.sending import routing
from comms.sending.sample import example, sample
from comms.views import frame
from comms.views.one import ONE, found, previewed
from portfolio.access import MemberRequest, member


@xframe_options_sameorigin
@member()
@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Show the words as they were saved last, or those that are posted, which are not saved."""
    one = found(public_id)
    asked = request.POST if request.method == "POST" else request.GET
    if request.method == "POST":
        request.membership.require_writer()
    written = one.translations.filter(language=asked.get("language", "")).first()
    with_words(written or one, asked.get("subject"), asked.get("body"))
    recipient = _recipient(one, asked.get("recipient", ""))
    channel = asked.get("channel", "")
    if channel not in previewed(one):  # as they would get it
        channel = routing.check(one, [recipient]).routes[0].channel
    return frame.of(request, sample(one, recipient, channel, written))


def with_words(one: Communication | Translation, subject: str | None, body: str | None) -> None:
    """Put other words in the place of those that were saved, without saving them."""
    if subject is not None and body is not None:
        one.subject = " ".join(subject.split())[:500]
        one.body = html.clean(body).html


def _recipient(one: Communication, key: str) -> Recipient:
    chosen = one.recipients.select_related("unit").order_by("pk")
    number = int(key) if key.isdecimal() and len(key) < 18 else 0
    return chosen.filter(pk=number).first() or chosen.first() or example(one)


urlpatterns = [path(f"{ONE}preview/", preview, name="preview")]
