"""The pages of a resident: the noticeboard, a post with its files, and the answer to it."""

import uuid

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from comms.forms.resident import ReplyForm
from comms.log import noticeboard
from comms.models import Content, LogEntry
from comms.portal import replies, visits
from comms.views.bearer import BearerRequest, bearer, show
from comms.views.entry import download
from comms.views.resident_push import push_key
from comms.views.resident_push import urlpatterns as push_urlpatterns
from portfolio import logo

TOO_MANY = f"You have sent {replies.MOST_AN_HOUR} replies within an hour. Wait a while, then send this one."


@require_safe
@bearer
def board(request: BearerRequest) -> HttpResponse:
    """List what was posted to the resident, newest first."""
    found = noticeboard.board(request.link, request.GET.get("from", ""))
    context = {"board": found, "first": "from" not in request.GET, "push_key": push_key()}
    return show(request, "board.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@bearer
def post(request: BearerRequest, public_id: uuid.UUID) -> HttpResponse:
    """Show one post, which is its opening, and take the resident's reply."""
    entry = _post(request, public_id)
    if request.method == "POST":
        return _take(request, entry)
    if request.method == "GET" and not request.from_office:
        visits.opened(request.link, entry, timezone.now(), machine=request.machine)
    return _page(request, entry, ReplyForm())


def _take(request: BearerRequest, entry: LogEntry) -> HttpResponse:
    """Keep a reply and lead to it on the page; show what is to be put right, or that it is too much."""
    form = ReplyForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, entry, form, status=422)
    words, once, attached = (form.cleaned_data[name] for name in ("words", "once", "attached"))
    try:
        made = replies.reply(request.link, entry, once=once, words=words, files=attached)
    except replies.TooMany:
        form.add_error(None, TOO_MANY)
        return _page(request, entry, form, status=429)
    address = reverse("portal:post", args=[request.token, entry.public_id])
    return redirect(f"{address}?sent=yes#{made.public_id}")


def _post(request: BearerRequest, public_id: uuid.UUID) -> LogEntry:
    entry = noticeboard.post(request.link, public_id)
    if entry is None:
        raise Http404("There is no such post on this page.")
    return entry


def _page(request: BearerRequest, entry: LogEntry, form: ReplyForm, status: int = 200) -> HttpResponse:
    context = {
        "entry": entry,
        "words": noticeboard.words_of(entry),
        "replies": noticeboard.replies_to(request.link, entry),
        "form": form,
        "sent": request.GET.get("sent") == "yes",
    }
    return show(request, "post.html", context, status)


@require_safe
@bearer
def post_file(request: BearerRequest, public_id: uuid.UUID, number: int) -> HttpResponseBase:
    """Hand out a file of a post, to be saved."""
    return _file(_post(request, public_id).attachments, number)


@require_safe
@bearer
def reply_file(
    request: BearerRequest, public_id: uuid.UUID, reply: uuid.UUID, number: int
) -> HttpResponseBase:
    """Hand a file that the resident sent back to them."""
    entry = _post(request, public_id)
    found = noticeboard.replies_to(request.link, entry).filter(public_id=reply).first()
    return _file(found.attachments if found else [], number)


def _file(attached: list[dict], number: int) -> HttpResponseBase:
    for file in attached[number - 1 : number] if number else []:
        content = Content.objects.filter(sha256=file["sha256"]).first()
        if content:
            return download(content.read(), file["name"], file["media_type"])
    raise Http404("There is no such file.")


@require_safe
@bearer
def firm_logo(request: BearerRequest) -> HttpResponse:
    """Give the logo of the firm."""
    found = logo.current(request.link.organisation)
    if found is None:
        raise Http404("There is no logo.")
    return HttpResponse(
        bytes(found.data), content_type="image/png", headers={"X-Content-Type-Options": "nosniff"}
    )


POST = "<str:token>/posts/<uuid:public_id>/"
urlpatterns = [
    *push_urlpatterns,
    path("<str:token>/", board, name="board"),
    path("<str:token>/logo.png", firm_logo, name="logo"),
    path(POST, post, name="post"),
    path(f"{POST}files/<int:number>/", post_file, name="post-file"),
    path(f"{POST}replies/<uuid:reply>/files/<int:number>/", reply_file, name="reply-file"),
]
