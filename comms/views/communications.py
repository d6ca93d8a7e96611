"""The Communications Centre: the list, and one communication from its first words until sending begins."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_POST
from js_asset import Media

from comms.drafting import audience, html, merge
from comms.forms import EditorForm, MarkSentForm, ScheduleForm, WriteForm
from comms.models import Attachment, Communication, Content, Delivery, Recipient
from comms.models.communication import Refused
from comms.sending.declare import declare
from comms.views import paging
from portfolio.access import WRITERS, MemberRequest, member
from portfolio.models import Block, Unit

# The one style sheet that the rich text editor writes into the page by itself; its hash, so that it and nothing else may.
EDITOR_STYLE = "'sha256-PlumsSlvJ7vvWzjqibGAYKq92O3y/4JTxWWsWJvyUYA='"
FRAME_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
FILTERS = ("type", "status", "channel", "block", "unit")


def found(public_id: uuid.UUID, *related: str) -> Communication:
    """Get one communication of this organisation, or answer 404."""
    related = related or ("organisation", "block", "unit", "created_by", "scheduled_by")
    return get_object_or_404(Communication.objects.select_related(*related), public_id=public_id)


@member()
@require_GET
def communications(request: MemberRequest) -> HttpResponse:
    chosen = {name: request.GET[name] for name in FILTERS if request.GET.get(name)}
    narrowed = _narrowed(Communication.objects.select_related("block", "unit", "created_by"), chosen)
    page = paging.newest_first(narrowed, request.GET)
    _count_people(page.rows)
    context = {
        "nav": "communications",
        "page": page,
        "chosen": chosen,
        "chips": [(name, _in_words(name, value), _without(request, name)) for name, value in chosen.items()],
        "types": Communication.Type.choices,
        "statuses": Communication.Status.choices,
        "blocks": Block.objects.all(),
        "channels": ("email", "post", "sms", "whatsapp", "push", "portal"),
        "unconfirmed": Recipient.objects.filter(state=Recipient.State.UNCONFIRMED)[:100].count(),
    }
    return render(request, "comms/communication_list.html", context)


def _narrowed(queryset: Any, chosen: dict[str, str]) -> Any:
    for name, value in chosen.items():
        if name in ("block", "unit"):
            try:
                wanted = uuid.UUID(value)
            except ValueError:
                return queryset.none()
            where = Q(block__public_id=wanted) | Q(unit__block__public_id=wanted)
            queryset = queryset.filter(where if name == "block" else Q(unit__public_id=wanted))
        else:
            queryset = queryset.filter(**{name: value[:50].replace("\x00", "")})
    return queryset


def _in_words(name: str, value: str) -> str:
    if name in ("block", "unit"):
        try:
            model: type[Block] | type[Unit] = Block if name == "block" else Unit
            return str(model.objects.filter(public_id=uuid.UUID(value)).first() or "not found")
        except ValueError:
            return "not found"
    labels = dict(Communication.Type.choices) | dict(Communication.Status.choices)
    return str(labels.get(value, value))


def _without(request: HttpRequest, name: str) -> str:
    kept = request.GET.copy()
    for gone in (name, "before", "after"):
        kept.pop(gone, None)
    return "?" + kept.urlencode()


def _count_people(rows: list[Communication]) -> None:
    """Put on each row how many it is for, and how many were not reached; two queries for all."""
    ids = [row.pk for row in rows]
    people = dict(
        Recipient.objects.filter(communication__in=ids)
        .values("communication").annotate(n=Count("pk")).values_list("communication", "n")
    )  # fmt: skip
    told = (
        Delivery.objects.filter(communication__in=ids)
        .values("communication")
        .annotate(
            done=Count("pk", filter=~Q(status__in=["queued", "deferred"])),
            unreached=Count("pk", filter=Q(status__in=["failed", "bounced", "dropped"])),
        )
    )
    counts: dict[int, Any] = {row["communication"]: row for row in told}
    for row in rows:
        row.people = people.get(row.pk, 0)  # type: ignore[attr-defined]
        row.done = counts.get(row.pk, {}).get("done", 0)  # type: ignore[attr-defined]
        row.unreached = counts.get(row.pk, {}).get("unreached", 0)  # type: ignore[attr-defined]


@member(*WRITERS)
def write(request: MemberRequest) -> HttpResponse:
    form = WriteForm(
        request.POST or None,
        initial={"type": "circular", **{name: request.GET.get(name) for name in ("block", "unit", "type")}},
    )
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data
        communication = Communication.objects.create(
            organisation=request.organisation,
            created_by=request.user,
            statutory=words["type"] in Communication.STATUTORY_TYPES,
            **words,
        )
        return redirect("comms:communication", request.organisation.slug, communication.public_id)
    context = {"nav": "communications", "form": form}
    return render(request, "comms/communication_write.html", context, status=422 if form.is_bound else 200)


@member()
def communication(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Show the editor to those who may write while it can be edited, and the message to everybody else."""
    one = found(public_id)
    if one.is_editable and request.membership.can_write:
        return _editor(request, one)
    if request.method == "POST":
        if not request.membership.can_write:
            raise PermissionDenied
        messages.error(request, "It can no longer be edited: sending has begun.")
        return redirect(one)
    return render(request, "comms/communication_message.html", _shown(one) | {"tab": "message"})


def _shown(one: Communication) -> dict[str, Any]:
    recipients = one.recipients.select_related("unit").order_by("id")
    return {
        "nav": "communications",
        "communication": one,
        "people": recipients.count(),
        "first_people": recipients[:100],
        "attached": one.attachments.select_related("content").defer("content__data"),
    }


def _editor(request: MemberRequest, one: Communication) -> HttpResponse:
    posted = request.method == "POST"
    form = EditorForm(request.POST if posted else None, request.FILES if posted else None, communication=one)
    if posted and form.is_valid():
        try:
            _save(one, form)
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect(one)
        if form.removed:
            messages.warning(
                request, f"Taken out of the text, because it is not sent: {', '.join(form.removed)}."
            )
        messages.success(request, "Saved.")
        onward = request.POST.get("then") == "check"
        return redirect("comms:check", one.organisation.slug, one.public_id) if onward else redirect(one)
    context = _shown(one) | {
        "form": form,
        "fields": merge.FIELDS,
        "media": Media.from_media(form.media, nonce=request.csp_nonce),  # type: ignore[attr-defined]
        "lost_files": posted and bool(request.FILES),
    }
    response = render(request, "comms/communication_editor.html", context, status=422 if posted else 200)
    response._csp_update = {"style-src": [EDITOR_STYLE]}  # type: ignore[attr-defined]
    return response


@transaction.atomic
def _save(one: Communication, form: EditorForm) -> None:
    words = {name: form.cleaned_data[name] for name in ("subject", "body", "notes")}
    if not one.swap(Communication.EDITABLE, **words):
        raise Refused("It was not saved: sending has begun.")
    for name, media_type, data in form.cleaned_data["attachments"]:
        Attachment.objects.create(
            organisation=one.organisation,
            communication=one,
            content=Content.keep(one.organisation, data),
            name=name,
            media_type=media_type,
        )


@member(*WRITERS)
def delete(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    one = found(public_id)
    if not one.is_editable:
        messages.error(request, "It cannot be deleted: sending has begun, and it stays in the record.")
        return redirect(one)
    if request.method == "POST":
        gone, _ = Communication.objects.editable().filter(pk=one.pk).delete()
        if not gone:
            messages.error(request, "It was not deleted: sending has begun.")
            return redirect("comms:progress", one.organisation.slug, one.public_id)
        messages.success(request, f"Deleted: “{one.subject}”. Nothing was sent.")
        return redirect("comms:communications", request.organisation.slug)
    return render(request, "comms/communication_delete.html", _shown(one))


@member(*WRITERS)
def check(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Say who gets it and who does not, and take the time to send."""
    one = found(public_id)
    if not one.is_editable:
        return redirect("comms:progress", one.organisation.slug, one.public_id)
    now = "now" in request.POST
    form = ScheduleForm(request.POST if request.method == "POST" and not now else None, initial=_moment(one))
    if request.method == "POST" and (now or form.is_valid()):
        at = timezone.now() if now else form.moment
        try:
            one.schedule(at=at, by=request.user)  # type: ignore[arg-type]
        except Refused as refused:
            messages.error(request, str(refused))
        return redirect("comms:progress", one.organisation.slug, one.public_id)
    recipients = list(one.recipients.select_related("unit", "contact"))
    context = _shown(one) | {
        "form": form,
        "checked": audience.check(one, recipients),
        "first": recipients[:1],
    }
    return render(request, "comms/communication_check.html", context, status=422 if form.is_bound else 200)


def _moment(one: Communication) -> dict[str, Any]:
    at = timezone.localtime(one.scheduled_at) if one.scheduled_at else None
    return {"date": at.date(), "time": at.time()} if at else {"date": timezone.localdate()}


@member(*WRITERS)
@require_POST
def unschedule(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    one = found(public_id)
    try:
        one.unschedule()
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Back to draft. It will not be sent until it is scheduled again.")
    return redirect(one)


@member(*WRITERS)
def mark_sent(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Take a person's word that it was sent by other means."""
    one = found(public_id)
    if not one.is_editable:
        messages.error(request, "It cannot be marked: sending has begun.")
        return redirect("comms:progress", one.organisation.slug, one.public_id)
    local = timezone.localtime()
    form = MarkSentForm(request.POST or None, initial={"date": local.date(), "time": local.time()})
    if request.method == "POST" and form.is_valid():
        try:
            many = declare(one, at=form.moment, by=request.user)  # type: ignore[arg-type]
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"Logged as sent to {many} {'person' if many == 1 else 'people'}.")
            return redirect("comms:progress", one.organisation.slug, one.public_id)
    context = _shown(one) | {"form": form}
    return render(
        request, "comms/communication_mark_sent.html", context, status=422 if form.is_bound else 200
    )


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
    values = recipient.merge_values if recipient else {}
    # What has no value yet stays visible as the field's name.
    shown = {name: values.get(name) or f"[{field.label}]" for name, field in merge.FIELDS.items()}
    filled = document if merge.unknown_fields(document) else merge.fill_html(document, shown)
    response = HttpResponse(filled)
    response.headers["Content-Security-Policy"] = FRAME_POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    response._csp_exempt = True  # type: ignore[attr-defined]
    return response


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 18 else 0


ONE = "communications/<uuid:public_id>/"
urlpatterns = [
    path("communications/", communications, name="communications"),
    path("communications/new/", write, name="write"),
    path(ONE, communication, name="communication"),
    path(f"{ONE}delete/", delete, name="delete"),
    path(f"{ONE}check/", check, name="check"),
    path(f"{ONE}unschedule/", unschedule, name="unschedule"),
    path(f"{ONE}mark-sent/", mark_sent, name="mark-sent"),
    path(f"{ONE}preview/", preview, name="preview"),
]
