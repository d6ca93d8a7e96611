"""Templates: wording kept for use again, for a type and a channel, in one language or several."""

import uuid
from typing import Any

from csp.decorators import csp_update
from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Max
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from js_asset import Media

from comms.drafting import merge
from comms.drafting.defaults import CAUTION, DEFAULTS
from comms.forms.templates import TemplateForm
from comms.models import Communication, Template
from comms.views.editor import EDITOR_STYLE, MEANWHILE, tell_removed
from comms.views.one import ONE as COMMUNICATION
from comms.views.one import found
from comms.views.template_versions import ONE, previewed
from contacts.models import Contact
from portfolio.access import WRITERS, MemberRequest, member
from portfolio.languages import LANGUAGES
from portfolio.models import CHANNELS

CHOICES = 1000  # contacts that a preview offers; a list that long is searched by typing a name into it


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
    own = request.organisation.language
    there = one.newest() if one else {}
    language = request.GET.get("language", own) if one else own
    if language not in LANGUAGES:
        raise Http404("There is no such language.")
    form = TemplateForm(request.POST if posted else None, template=one, language=language)
    saved = _save(request, form, one, language) if posted and form.is_valid() else None
    if saved:
        one, changed = saved
        tell_removed(request, form)
        number = one.newest()[language].number
        messages.success(
            request, f"Saved as version {number}." if changed else "Saved. The words are the same."
        )
        return redirect(_page(one, language))
    context = {
        "nav": "communications",
        "seen": _number(one, language) if one else 0,
        "language": language,
        "language_name": LANGUAGES[language],
        "language_is_new": bool(one) and language not in there,
        "languages": _languages(one, own) if one else [],
        "others": {code: name for code, name in LANGUAGES.items() if code not in there},
        "previews": previewed(one) if one else [],
        "form": form,
        "one": one,
        "fields": merge.FIELDS,
        "caution": CAUTION,
        "contacts": Contact.objects.current()[:CHOICES],
        "media": Media.from_media(form.media, nonce=request.csp_nonce),  # type: ignore[attr-defined]
    }
    return render(request, "comms/template_form.html", context, status=422 if posted else 200)


def _save(
    request: MemberRequest, form: TemplateForm, one: Template | None, language: str
) -> tuple[Template, bool] | None:
    """Save a version, and say whether its words are new; nothing where somebody saved another one meanwhile."""
    words = form.cleaned_data
    with transaction.atomic():
        if one is None:
            one = Template.objects.create(organisation=request.organisation, name=words["name"])
        Template.objects.select_for_update().get(pk=one.pk)  # one version at a time
        there = str(_number(one, language))
        if request.POST.get("seen", there) != there:
            form.add_error(None, MEANWHILE)
            return None
        Template.objects.filter(pk=one.pk).update(**{n: words[n] for n in ("name", "type", "channel")})
        return one, one.reword(words["subject"], words["body"], request.user, language)


def _number(one: Template, language: str) -> int:
    """Give the number of the newest version in a language; 0 where there is none."""
    numbers = one.versions.filter(language=language).aggregate(newest=Max("number"))
    return numbers["newest"] or 0


def _page(one: Template, language: str = "") -> str:
    page = reverse("comms:template", args=[one.organisation.slug, one.public_id])
    return page if language in ("", one.organisation.language) else f"{page}?language={language}"


def _languages(one: Template, own: str) -> list[tuple[str, str, str]]:
    """List the languages that a template is written in, the organisation's first: code, name and page."""
    codes = sorted(one.newest(), key=lambda code: (code != own, LANGUAGES[code]))
    return [(code, LANGUAGES[code], _page(one, code)) for code in codes]


@member(*WRITERS)
@require_POST
def template_without(request: MemberRequest, public_id: uuid.UUID, language: str) -> HttpResponse:
    """Take the words in another language back, as a version of its own; twice changes nothing."""
    one = get_object_or_404(Template, public_id=public_id)
    if language == request.organisation.language or language not in LANGUAGES:
        raise Http404("There is no such language to take back.")
    if language in one.newest():
        one.reword("", "", request.user, language)
    messages.success(request, f"No longer in {LANGUAGES[language]}. Its versions stay in the history.")
    return redirect(_page(one))


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
@transaction.atomic
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
        channel=one.channel if one.channel in CHANNELS else "",
    )
    made.reword(one.subject, one.body, request.user)
    for other in one.translations.all():
        made.reword(other.subject, other.body, request.user, other.language)
    messages.success(request, "Kept as a template. Give it a name that says what it is for.")
    return redirect("comms:template", request.organisation.slug, made.public_id)


urlpatterns: list[Any] = [
    path("templates/", templates, name="templates"),
    path("templates/new/", template_new, name="template-new"),
    path("templates/shipped/", templates_shipped, name="templates-shipped"),
    path(ONE, template, name="template"),
    path(f"{ONE}without/<slug:language>/", template_without, name="template-without"),
    path(f"{ONE}archive/", template_archive, name="template-archive"),
    path(f"{COMMUNICATION}keep/", save_as_template, name="save-as-template"),
]
