"""What a template looks like as a message, and all that it said before."""

import difflib
import uuid
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comms.channels import registry
from comms.drafting import audience, html
from comms.models import Communication, Recipient, Template, TemplateVersion
from comms.sending.sample import example, sample
from comms.views import frame
from comms.views.preview import with_words
from contacts.models import Contact, Occupancy
from portfolio.access import WRITERS, MemberRequest, member
from portfolio.finding import named
from portfolio.models import CHANNELS

ONE = "templates/<uuid:public_id>/"


def previewed(one: Template) -> list[tuple[str, str]]:
    """List the channels that a template can be looked at by, its own first."""
    here = [one.channel] if one.channel else []
    words = dict.fromkeys([*here, *registry.usable(one.organisation.channels), "email"])
    return [(word, CHANNELS.get(word, word)) for word in words]


@xframe_options_sameorigin
@member()
@require_http_methods(["GET", "HEAD", "POST"])
def template_preview(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Show the words as they were saved last, or those that are posted, to a chosen contact or to an example."""
    one: Template = get_object_or_404(Template.objects.select_related("organisation"), public_id=public_id)
    asked = request.POST if request.method == "POST" else request.GET
    if request.method == "POST":
        request.membership.require_writer()
    words = one.newest().get(asked.get("language", "")) or one.latest
    draft = Communication(
        organisation=request.organisation,
        created_by=request.user,
        subject=words.subject,
        body=words.body,
    )
    with_words(draft, asked.get("subject"), asked.get("body"))
    offered = dict(previewed(one))
    channel = asked.get("channel", "")
    by = channel if channel in offered else next(iter(offered))
    return frame.of(request, sample(draft, _recipient(draft, asked.get("contact", "")), by))


def _recipient(draft: Communication, public_id: str) -> Recipient:
    contact: Contact | None = named(Contact, public_id)
    if contact is None:
        return example(draft)
    held = Occupancy.objects.on(timezone.localdate()).filter(contact=contact).with_flat().first()
    return audience.recipient(draft, contact, held and held.unit)


class Step(NamedTuple):
    """One version beside the one before it."""

    version: TemplateVersion
    lines: list[tuple[str, str]]  # "+", "-" or " ", and the line

    @property
    def only_formatting(self) -> bool:
        """Say whether no word of it is new or gone: what differs is bold, a list, or where a link leads."""
        return bool(self.lines) and all(sign == " " for sign, _ in self.lines)


@member()
@require_safe
def template_history(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Show all versions, each with what it changed."""
    one = get_object_or_404(Template, public_id=public_id)
    versions = list(one.versions.select_related("author").order_by("number"))
    steps = [Step(version, _difference(_before(version, versions), version)) for version in versions]
    context = {"nav": "communications", "one": one, "steps": steps[::-1]}
    return render(request, "comms/template_history.html", context)


def _before(version: TemplateVersion, versions: list[TemplateVersion]) -> TemplateVersion | None:
    """Give the version before it in its language."""
    older = [v for v in versions if v.language == version.language and v.number < version.number]
    return older[-1] if older else None


def _difference(before: TemplateVersion | None, after: TemplateVersion) -> list[tuple[str, str]]:
    old, new = (
        [f"Subject: {v.subject}", *html.to_text(v.body).splitlines()] if v else [] for v in (before, after)
    )
    told = difflib.ndiff(old, new)
    return [(line[0], line[2:]) for line in told if line[0] in "+- " and line[2:].strip()]


@member(*WRITERS)
@require_POST
def template_restore(request: MemberRequest, public_id: uuid.UUID, number: int) -> HttpResponse:
    """Make an earlier version the newest, as a version of its own."""
    one = get_object_or_404(Template, public_id=public_id)
    version = get_object_or_404(one.versions, number=number)
    if one.reword(version.subject, version.body, request.user, version.language):
        newest = one.versions.order_by("-number")[0].number
        messages.success(request, f"Version {number} is back, as version {newest}.")
    else:
        messages.success(request, "These are the words already.")
    return redirect("comms:template", request.organisation.slug, one.public_id)


urlpatterns: list[Any] = [
    path(f"{ONE}preview/", template_preview, name="template-preview"),
    path(f"{ONE}history/", template_history, name="template-history"),
    path(f"{ONE}restore/<int:number>/", template_restore, name="template-restore"),
]
