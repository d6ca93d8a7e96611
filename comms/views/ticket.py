"""One ticket: its whole thread, and each thing that can be done to it, at an address of its own."""

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from comms.channels import registry
from comms.forms import tickets as forms
from comms.log import follow_up
from comms.log.thread import thread
from comms.models import Content, LogEntry, Ticket, TicketMessage
from comms.models.communication import Refused
from comms.record import tickets as record
from comms.sending import again
from comms.sending.answer import addressee, answer
from comms.views.entry import download
from portfolio.access import WRITERS, MemberRequest, member

ONE = "tickets/<uuid:public_id>/"
RELATED = ("organisation", "assignee", "block", "unit__block", "contact__merged_into", "entry__delivery",
           "entry__communication__organisation", "entry__recipient", "entry__organisation")  # fmt: skip
CLOSED_ALREADY = "It was closed meanwhile. Open it again to change it."


@member()
@require_safe
def ticket(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    return _shown(request, _found(public_id))


def _found(public_id: uuid.UUID) -> Ticket:
    return get_object_or_404(Ticket.objects.select_related(*RELATED), public_id=public_id)


def _shown(request: MemberRequest, found: Ticket, **bound: Any) -> HttpResponse:
    """Show a ticket with its forms; those in `bound` with what was typed and what is wrong with it."""
    entry = found.entry
    context: dict[str, Any] = {
        "nav": "tickets",
        "ticket": found,
        "thread": thread(found),
        "addressee": addressee(found),
        "may_send_again": bool(entry and not again.refusal(entry) and not again.copy_of(entry)),
        "copy": again.copy_of(entry) if entry else None,
    }
    if request.membership.can_write:
        context |= _forms(request, found) | bound
    return render(request, "comms/ticket.html", context, status=422 if bound else 200)


def _forms(request: MemberRequest, found: Ticket) -> dict[str, Any]:
    initial = {
        "assignee": found.assignee,
        "due_on": found.due_on,
        "waiting": found.state == Ticket.State.WAITING,
    }
    return {
        "change_form": forms.ChangeForm(initial=initial, people=follow_up.people(request.organisation)),
        "comment_form": forms.CommentForm(initial={"once": forms.once()}),
        "close_form": forms.CloseForm(sent=_sent(found)),
        "answer_form": forms.AnswerForm(channels=_channels(request, found), initial={"once": forms.once()}),
    }


def _sent(found: Ticket) -> QuerySet[LogEntry]:
    """List what was sent about it since."""
    since = Q(ticket=found)
    if found.entry_id:
        since |= Q(copy_of=found.entry_id)
    return LogEntry.objects.filter(since).exclude(pk=found.entry_id or 0).order_by("-pk")


def _channels(request: MemberRequest, found: Ticket) -> list[str]:
    """List the channels that an answer can go by: those that are switched on; to a stranger only what needs no more than an email address."""
    if not found.contact:
        return [name for name in registry.available() if registry.get(name).needs == "email"]
    return registry.usable(request.organisation.channels)


@member(*WRITERS)
@require_POST
def comment(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    found = _found(public_id)
    form = forms.CommentForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, comment_form=form)
    record.comment(found, request.user, form.cleaned_data["words"], form.cleaned_data["once"])
    return redirect(found)


@member(*WRITERS)
@require_POST
def change(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Give it to somebody, set its day, let it wait."""
    found = _found(public_id)
    form = forms.ChangeForm(request.POST, people=follow_up.people(request.organisation))
    if not form.is_valid():
        return _shown(request, found, change_form=form)
    if record.change(found, request.user, **form.cleaned_data):
        messages.success(request, "Changed.")
    elif _found(public_id).is_closed:
        messages.warning(request, CLOSED_ALREADY)
    return redirect(found)


@member(*WRITERS)
@require_POST
def close(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Close it with what was done."""
    found = _found(public_id)
    form = forms.CloseForm(request.POST, sent=_sent(found))
    if not form.is_valid():
        return _shown(request, found, close_form=form)
    if record.close(found, request.user, **form.cleaned_data):
        messages.success(request, "Closed. What was done stays on record.")
    else:
        messages.warning(request, "Somebody else had closed it already. Look below at what was done.")
    return redirect(found)


@member(*WRITERS)
@require_POST
def reopen(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    found = _found(public_id)
    if record.reopen(found, request.user):
        messages.success(request, "Open again. What was done before stays on it.")
    return redirect(found)


@member(*WRITERS)
@require_POST
def reply(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Send an answer through the pipeline."""
    found = _found(public_id)
    form = forms.AnswerForm(request.POST, channels=_channels(request, found))
    if not form.is_valid():
        return _shown(request, found, answer_form=form)
    try:
        _, new = answer(found, request.user, **form.cleaned_data, now=timezone.now())
    except Refused as refused:
        form.add_error(None, str(refused))
        return _shown(request, found, answer_form=form)
    if new:
        messages.success(
            request, "The answer is on its way. Its entry stands here as soon as it is handed over."
        )
    return redirect(found)


@member()
@require_safe
def file(request: MemberRequest, public_id: uuid.UUID, number: int) -> HttpResponseBase:
    """Hand out a file that somebody sent to the office, always as a download."""
    message: TicketMessage = get_object_or_404(TicketMessage, public_id=public_id)
    for kept in message.attachments[number - 1 : number] if number else []:
        content = Content.objects.filter(sha256=kept["sha256"]).first()
        if content:
            return download(content.read(), kept["name"], kept["media_type"])
    raise Http404("There is no such file.")


urlpatterns = [
    path(ONE, ticket, name="ticket"),
    path(f"{ONE}comment/", comment, name="ticket-comment"),
    path(f"{ONE}change/", change, name="ticket-change"),
    path(f"{ONE}close/", close, name="ticket-close"),
    path(f"{ONE}reopen/", reopen, name="ticket-reopen"),
    path(f"{ONE}answer/", reply, name="ticket-answer"),
    path("tickets/messages/<uuid:public_id>/files/<int:number>/", file, name="ticket-file"),
]
