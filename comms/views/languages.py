"""The words of a communication in other languages, for those of its recipients who read them."""

import uuid
from typing import Any

from csp.decorators import csp_update
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST
from js_asset import Media

from comms.drafting import html, merge
from comms.forms.parts import WordsForm
from comms.models import Communication, Translation
from comms.models.communication import Refused
from comms.views.editor import EDITOR_STYLE, tell_removed
from comms.views.one import ONE, found, languages_of, shown
from portfolio.access import WRITERS, MemberRequest, member
from portfolio.languages import LANGUAGES

ENDED = "It was not saved: sending has begun."


@csp_update({"style-src": [EDITOR_STYLE]})
@member(*WRITERS)
def translation(request: MemberRequest, public_id: uuid.UUID, language: str) -> HttpResponse:
    """Write a communication in another language, beside its words in the organisation's."""
    one = found(public_id)
    if language not in LANGUAGES or language == one.organisation.language:
        raise Http404("There is no such other language.")
    if not one.is_editable:
        messages.error(request, "It can no longer be edited: sending has begun.")
        return redirect(one)
    written = one.translations.filter(language=language).first()
    initial = {"subject": (written or one).subject, "body": (written or one).body}
    form = WordsForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        return _saved(request, one, language, form)
    context = shown(one) | {
        "form": form,
        "language": language,
        "own_words": html.to_text(one.body),
        "language_name": LANGUAGES[language],
        "written": written,
        "readers": next((row.people for row in languages_of(one) if row.code == language), 0),
        "fields": merge.FIELDS,
        "media": Media.from_media(form.media, nonce=request.csp_nonce),  # type: ignore[attr-defined]
    }
    return render(request, "comms/communication_language.html", context, status=422 if form.is_bound else 200)


def _saved(request: MemberRequest, one: Communication, language: str, form: WordsForm) -> HttpResponse:
    try:
        _save(one, language, {name: form.cleaned_data[name] for name in ("subject", "body")})
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(one)
    tell_removed(request, form)
    messages.success(request, f"Saved in {LANGUAGES[language]}.")
    return redirect("comms:translation", one.organisation.slug, one.public_id, language)


@transaction.atomic
def _save(one: Communication, language: str, words: dict[str, str]) -> None:
    if not one.swap(Communication.EDITABLE):
        raise Refused(ENDED)
    Translation.objects.update_or_create(
        organisation=one.organisation, communication=one, language=language, defaults=words
    )


@member(*WRITERS)
@require_POST
def translation_remove(request: MemberRequest, public_id: uuid.UUID, language: str) -> HttpResponse:
    """Take the words in another language out; its readers get those in the organisation's."""
    one = found(public_id)
    with transaction.atomic():
        gone = one.swap(Communication.EDITABLE)
        if gone:
            one.translations.filter(language=language).delete()
    if gone:
        messages.success(request, "Taken out. Its readers get the words in the organisation’s language.")
    else:
        messages.error(request, ENDED)
    return redirect(one)


LANGUAGE = f"{ONE}languages/<slug:language>/"
urlpatterns: list[Any] = [
    path(LANGUAGE, translation, name="translation"),
    path(f"{LANGUAGE}remove/", translation_remove, name="translation-remove"),
]
