"""Templates: wording kept for use again, each with all its versions."""

import difflib
import uuid
from typing import Any, NamedTuple

from csp.decorators import csp_update
from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Max
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe
from js_asset import Media

from comms.drafting import audience, html, merge
from comms.drafting.defaults import CAUTION, DEFAULTS
from comms.forms.templates import TemplateForm
from comms.models import Communication, Template, TemplateVersion
from comms.views.editor import EDITOR_STYLE
from comms.views.one import ONE as COMMUNICATION
from comms.views.one import found
from comms.views.preview import framed
from contacts.models import Contact, Occupancy
from portfolio.access import WRITERS, MemberRequest, member

CHOICES = 100  # contacts that a preview offers


@member()
@require_safe
def templates(request: MemberRequest) -> HttpResponse:
    archived = request.GET.get("archived") == "yes"
    rows = Template.objects.filter(archived_at__isnull=not archived).annotate(
        many=Count("versions"), changed_at=Max("versions__created_at")
    )
    context = {
        "nav": "communications",
        "rows": rows,
        "archived": archived,
        "types": dict(Communication.Type.choices),
        "caution": CAUTION,
    }
    return render(request, "comms/template_list.html", context)


@csp_update({"style-src": [EDITOR_STYLE]})
@member(*WRITERS)
def template_new(request: MemberRequest) -> HttpResponse:
    return _form(request, None)


@csp_update({"style-src": [EDITOR_STYLE]})
@member(*WRITERS)
def template(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    return _form(request, get_object_or_404(Template, public_id=public_id))


def _form(request: MemberRequest, one: Template | None) -> HttpResponse:
    posted = request.method == "POST"
    form = TemplateForm(request.POST if posted else None, template=one)
    if posted and form.is_valid():
        words = form.cleaned_data
        with transaction.atomic():
            if one is None:
                one = Template.objects.create(organisation=request.organisation, name=words["name"])
            Template.objects.filter(pk=one.pk).update(name=words["name"], type=words["type"])
            changed = one.reword(words["subject"], words["body"], request.user)
        if form.removed:
            messages.warning(
                request, f"Taken out of the text, because it is not sent: {', '.join(form.removed)}."
            )
        messages.success(
            request, f"Saved as version {one.latest.number}." if changed else "Saved. The words are the same."
        )
        return redirect("comms:template", request.organisation.slug, one.public_id)
    context = {
        "nav": "communications",
        "form": form,
        "one": one,
        "fields": merge.FIELDS,
        "caution": CAUTION,
        "contacts": Contact.objects.current()[:CHOICES],
        "media": Media.from_media(form.media, nonce=request.csp_nonce),  # type: ignore[attr-defined]
    }
    return render(request, "comms/template_form.html", context, status=422 if posted else 200)


@xframe_options_sameorigin
@member()
@require_safe
def template_preview(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Show the words as a chosen contact would get them, or with examples in the fields."""
    one = get_object_or_404(Template, public_id=public_id)
    organisation = request.organisation
    footer = [line.strip() for line in organisation.address.splitlines() if line.strip()]
    document = html.wrap_for_mail(one.latest.body, organisation_name=organisation.name, footer_lines=footer)
    values = {name: field.example for name, field in merge.FIELDS.items()}
    if contact := _chosen(request.GET.get("contact", "")):
        held = Occupancy.objects.on(timezone.localdate()).filter(contact=contact).with_flat().first()
        draft = Communication(organisation=organisation, created_by=request.user)
        recipient = audience.recipient(draft, contact, held and held.unit)
        known = audience.values_at_sending(draft, recipient)
        values = {name: known.get(name) or f"[{field.label}]" for name, field in merge.FIELDS.items()}
    return framed(merge.fill_html(document, values))


def _chosen(public_id: str) -> Contact | None:
    try:
        return Contact.objects.filter(public_id=uuid.UUID(public_id)).first()
    except ValueError:
        return None


class Step(NamedTuple):
    """One version beside the one before it."""

    version: TemplateVersion
    lines: list[tuple[str, str]]  # "+", "-" or " ", and the line


@member()
@require_safe
def template_history(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Show all versions, each with what it changed."""
    one = get_object_or_404(Template, public_id=public_id)
    versions = list(one.versions.select_related("author").order_by("number"))
    steps = [
        Step(version, _difference(before, version))
        for before, version in zip([None, *versions], versions, strict=False)
    ]
    context = {"nav": "communications", "one": one, "steps": steps[::-1]}
    return render(request, "comms/template_history.html", context)


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
    if one.reword(version.subject, version.body, request.user):
        messages.success(request, f"Version {number} is back, as version {one.latest.number}.")
    else:
        messages.success(request, "These are the words already.")
    return redirect("comms:template", request.organisation.slug, one.public_id)


@member(*WRITERS)
@require_POST
def template_archive(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Put a template away or bring it back; what was sent with it is not touched."""
    one = get_object_or_404(Template, public_id=public_id)
    archived_at = None if one.archived_at else timezone.now()
    Template.objects.filter(pk=one.pk).update(archived_at=archived_at)
    words = "is archived. What was sent with it stays as it is." if archived_at else "is in use again."
    messages.success(request, f"{one.name} {words}")
    return redirect("comms:templates", request.organisation.slug)


@member(*WRITERS)
@require_POST
def templates_shipped(request: MemberRequest) -> HttpResponse:
    """Add the wording that comes with the product, where there is none of that name yet."""
    there = {name.lower() for name in Template.objects.values_list("name", flat=True)}
    added = [one for one in DEFAULTS if one.name.lower() not in there]
    with transaction.atomic():
        for one in added:
            made = Template.objects.create(organisation=request.organisation, name=one.name, type=one.type)
            made.reword(one.subject, one.body, request.user)
    messages.success(request, f"{len(added)} added. {CAUTION}" if added else "All of them are there already.")
    return redirect("comms:templates", request.organisation.slug)


@member(*WRITERS)
@require_POST
def save_as_template(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Keep the words of a communication, as they were saved last, to be used again."""
    one = found(public_id)
    name, number = one.subject[:190], 1
    while Template.objects.filter(name__iexact=name, archived_at__isnull=True).exists():
        number += 1
        name = f"{one.subject[:190]} ({number})"
    made = Template.objects.create(
        organisation=request.organisation,
        name=name,
        type=one.type if one.type in Communication.WRITTEN else "",
    )
    made.reword(one.subject, one.body, request.user)
    messages.success(request, "Kept as a template. Give it a name that says what it is for.")
    return redirect("comms:template", request.organisation.slug, made.public_id)


ONE = "templates/<uuid:public_id>/"
urlpatterns: list[Any] = [
    path("templates/", templates, name="templates"),
    path("templates/new/", template_new, name="template-new"),
    path("templates/shipped/", templates_shipped, name="templates-shipped"),
    path(ONE, template, name="template"),
    path(f"{ONE}preview/", template_preview, name="template-preview"),
    path(f"{ONE}history/", template_history, name="template-history"),
    path(f"{ONE}restore/<int:number>/", template_restore, name="template-restore"),
    path(f"{ONE}archive/", template_archive, name="template-archive"),
    path(f"{COMMUNICATION}keep/", save_as_template, name="save-as-template"),
]
