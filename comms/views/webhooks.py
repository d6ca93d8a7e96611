"""Settings → Webhooks: other systems that are told what happens, and each attempt to tell them."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comms.forms.webhook import WebhookForm
from comms.models import Webhook, WebhookMessage
from comms.webhooks import signing
from portfolio.access import ADMINS, MemberRequest, member

SHOWN = 100


@member(*ADMINS)
@require_safe
def webhooks(request: MemberRequest) -> HttpResponse:
    """List the addresses that are told, and how many messages wait or were given up."""
    waiting, failed = Q(messages__state="waiting"), Q(messages__state="failed")
    rows = Webhook.objects.annotate(
        waiting=Count("messages", filter=waiting), failed=Count("messages", filter=failed)
    )
    return render(request, "comms/webhooks.html", {"tab": "webhooks", "webhooks": rows})


@member(*ADMINS)
@require_http_methods(["GET", "HEAD", "POST"])
def webhook_new(request: MemberRequest) -> HttpResponse:
    """Add an address, and show its secret, this once."""
    data = request.POST if request.method == "POST" else None
    form = WebhookForm(data, initial={"deliveries": True, "tickets": True})
    if data is not None and form.is_valid():
        facts = {"organisation": request.organisation, "created_by": request.user, **form.cleaned_data}
        return _secret(request, made := Webhook.objects.create(**facts), signing.secret_of(made))
    return _form(request, form, heading="New webhook", action="Add webhook")


@member(*ADMINS)
@require_safe
def webhook(request: MemberRequest, public_id: str) -> HttpResponse:
    """Show one: what it is told, and its messages with each attempt."""
    found = _found(request, public_id)
    told = found.messages.select_related("event__entry", "change__ticket").prefetch_related("tries__by")
    context = {"tab": "webhooks", "webhook": found, "told": told[:SHOWN], "now": timezone.now()}
    return render(request, "comms/webhook.html", context)


@member(*ADMINS)
@require_http_methods(["GET", "HEAD", "POST"])
def webhook_edit(request: MemberRequest, public_id: str) -> HttpResponse:
    """Change where it leads and what it is told; its secret stays."""
    found, names = _found(request, public_id), ("url", "deliveries", "tickets")
    data = request.POST if request.method == "POST" else None
    form = WebhookForm(data, initial={name: getattr(found, name) for name in names})
    if data is not None and form.is_valid():
        Webhook.objects.filter(pk=found.pk).update(**form.cleaned_data)
        return redirect(found)
    return _form(request, form, heading="Change webhook", action="Save changes")


@member(*ADMINS)
@require_POST
def webhook_rotate(request: MemberRequest, public_id: str) -> HttpResponse:
    """Make another secret, and show it, this once."""
    found = _found(request, public_id)
    return _secret(request, found, signing.rotate(found, timezone.now()))


@member(*ADMINS)
@require_POST
def webhook_switch(request: MemberRequest, public_id: str) -> HttpResponse:
    """Switch it off or on; what happens while it is off is not told."""
    found, off = _found(request, public_id), request.POST.get("off") == "1"
    why = f"Switched off by {request.user}."[:200] if off else ""
    Webhook.objects.filter(pk=found.pk).update(off_at=timezone.now() if off else None, off_reason=why)
    return redirect(found)


@member(*ADMINS)
@require_POST
def webhook_resend(request: MemberRequest, public_id: str) -> HttpResponse:
    """Tell a message again, the same under the same id, whatever became of it."""
    message: WebhookMessage = get_object_or_404(
        WebhookMessage.objects.select_related("webhook"), public_id=public_id
    )
    message.webhook.organisation = request.organisation
    if message.webhook.off_at:
        messages.warning(request, "The webhook is switched off. Switch it on, then send it again.")
    else:
        again = {"state": WebhookMessage.State.WAITING, "try_at": timezone.now(), "attempts": 0}
        WebhookMessage.objects.filter(pk=message.pk).update(**again, asked_by=request.user)
        messages.success(request, "It is told again within seconds.")
    return redirect(message.webhook)


def _found(request: MemberRequest, public_id: str) -> Webhook:
    found: Webhook = get_object_or_404(Webhook, public_id=public_id)
    found.organisation = request.organisation
    return found


def _form(request: MemberRequest, form: WebhookForm, **context: str) -> HttpResponse:
    context_ = {"tab": "webhooks", "form": form, **context}
    return render(request, "comms/webhook_form.html", context_, status=422 if form.is_bound else 200)


def _secret(request: MemberRequest, found: Webhook, secret: str) -> HttpResponse:
    found.organisation = request.organisation
    response = render(
        request, "comms/webhook_secret.html", {"tab": "webhooks", "webhook": found, "secret": secret}
    )
    response["Cache-Control"] = "no-store"
    return response


urlpatterns: list[URLPattern] = [
    path("settings/webhooks/", webhooks, name="webhooks"),
    path("settings/webhooks/new/", webhook_new, name="webhook-new"),
    path("settings/webhooks/<uuid:public_id>/", webhook, name="webhook"),
    path("settings/webhooks/<uuid:public_id>/edit/", webhook_edit, name="webhook-edit"),
    path("settings/webhooks/<uuid:public_id>/secret/", webhook_rotate, name="webhook-rotate"),
    path("settings/webhooks/<uuid:public_id>/switch/", webhook_switch, name="webhook-switch"),
    path("settings/webhooks/messages/<uuid:public_id>/resend/", webhook_resend, name="webhook-resend"),
]
