"""One communication until sending begins: its words, and its end as a draft."""

import uuid

from csp.decorators import csp_update
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from js_asset import Media

from comms.drafting import merge, saving
from comms.drafting.saving import MEANWHILE, Meanwhile
from comms.forms import EditorForm
from comms.forms.parts import WordsForm
from comms.models import Communication
from comms.models.communication import Refused
from comms.views.one import ONE, found, languages_of, others_of, shown
from portfolio.access import WRITERS, MemberRequest, member

# The SHA-256 of the few rules that the text editor adds to its page by itself.
EDITOR_STYLE = "'sha256-PlumsSlvJ7vvWzjqibGAYKq92O3y/4JTxWWsWJvyUYA='"
ONWARD = {"check": "comms:check", "recipients": "comms:recipients"}
# What is asked for by another post: the browser is sent on with the same one (RFC 9110, 15.4.8).
POSTED_ON = {"trial": "comms:trial", "keep": "comms:save-as-template"}


@csp_update({"style-src": [EDITOR_STYLE]})
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
    return render(request, "comms/communication_message.html", shown(one) | {"tab": "message"})


def _editor(request: MemberRequest, one: Communication) -> HttpResponse:
    posted = request.method == "POST"
    form = EditorForm(request.POST if posted else None, request.FILES if posted else None, communication=one)
    if posted and request.POST.get("seen", one.updated_at.isoformat()) != one.updated_at.isoformat():
        form.add_error(None, MEANWHILE)
    if posted and form.is_valid():
        try:
            words = {name: form.cleaned_data[name] for name in ("subject", "body", "notes")}
            saving.save(
                one,
                words | form.routing,
                files=form.cleaned_data["attachments"],
                without=request.POST.get("remove", ""),
            )
        except Meanwhile as meanwhile:
            form.add_error(None, str(meanwhile))
            return _shown(request, one, form)
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect(one)
        tell_removed(request, form)
        if again := POSTED_ON.get(request.POST.get("then", "")):
            return redirect(again, one.organisation.slug, one.public_id, preserve_request=True)
        messages.success(request, "Saved.")
        # Every way out of the editor saves first, so that nothing typed is lost on it.
        onward = ONWARD.get(request.POST.get("then", ""))
        return redirect(onward, one.organisation.slug, one.public_id) if onward else redirect(one)
    return _shown(request, one, form)


def tell_removed(request: MemberRequest, form: WordsForm) -> None:
    """Say what was taken out of a text that was saved, if anything was."""
    if form.removed:
        messages.warning(
            request, f"Taken out of the text, because it is not sent: {', '.join(form.removed)}."
        )


def _shown(request: MemberRequest, one: Communication, form: EditorForm) -> HttpResponse:
    posted = request.method == "POST"
    context = shown(one) | {
        "form": form,
        "fields": merge.FIELDS,
        "languages": languages_of(one),
        "other_languages": others_of(one),
        "media": Media.from_media(form.media, nonce=request.csp_nonce),  # type: ignore[attr-defined]
        "lost_files": posted and bool(request.FILES),
    }
    return render(request, "comms/communication_editor.html", context, status=422 if posted else 200)


@member(*WRITERS)
def delete(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    one = found(public_id)
    if request.method == "POST":
        try:
            one.discard()
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect("comms:progress", one.organisation.slug, one.public_id)
        messages.success(request, f"Deleted: “{one.subject}”. Nothing was sent.")
        return redirect("comms:communications", request.organisation.slug)
    if not one.is_editable:
        return redirect("comms:progress", one.organisation.slug, one.public_id)
    return render(request, "comms/communication_delete.html", shown(one))


urlpatterns = [
    path(ONE, communication, name="communication"),
    path(f"{ONE}delete/", delete, name="delete"),
]
