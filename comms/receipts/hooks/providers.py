"""The providers whose posts we take: how each proves itself, and which of django-anymail's parsers reads it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from anymail.webhooks import (
    brevo,
    mailersend,
    mailgun,
    mailjet,
    mailtrap,
    mandrill,
    postal,
    postmark,
    resend,
    sendgrid,
    sparkpost,
    unisender_go,
)

from comms.receipts.hooks import apart, checks, sns
from comms.receipts.hooks.checks import Check, View, by_view

PASSWORD = "WEBHOOK_SECRET"  # noqa: S105 (the name of a setting)


class Provider(NamedTuple):
    """One provider.

    `check` and its `setting` are for what became of our mail, the inbound ones for mail that came in; `given` is what
    the parser's class insists on and parsing does not use.
    """

    view: View
    check: Check
    setting: str
    split: apart.Split = apart.one
    given: Mapping[str, Any] = {}
    inbound_check: Check = checks.by_password
    inbound_setting: str = PASSWORD


def _named(name: str) -> Mapping[str, str]:
    return {name: "not used"}


PROVIDERS: dict[str, Provider] = {
    "amazon_ses": Provider(
        sns.SesView,
        sns.by_sns,
        "AMAZON_SES_TOPIC_ARN",
        inbound_check=sns.by_sns,
        inbound_setting="AMAZON_SES_TOPIC_ARN",
    ),
    "brevo": Provider(brevo.BrevoTrackingWebhookView, checks.by_password, PASSWORD),
    "mailersend": Provider(
        mailersend.MailerSendTrackingWebhookView,
        by_view(mailersend.MailerSendTrackingWebhookView, "signing_secret"),
        "MAILERSEND_SIGNING_SECRET",
        given=_named("signing_secret"),
        inbound_check=by_view(mailersend.MailerSendInboundWebhookView, "inbound_secret"),
        inbound_setting="MAILERSEND_INBOUND_SECRET",
    ),
    "mailgun": Provider(
        mailgun.MailgunTrackingWebhookView,
        checks.by_mailgun(mailgun.MailgunTrackingWebhookView),
        "MAILGUN_WEBHOOK_SIGNING_KEY",
        given=_named("webhook_signing_key"),
        inbound_check=checks.by_mailgun(mailgun.MailgunInboundWebhookView),
        inbound_setting="MAILGUN_WEBHOOK_SIGNING_KEY",
    ),
    "mailjet": Provider(mailjet.MailjetTrackingWebhookView, checks.by_password, PASSWORD, apart.of_list),
    "mailtrap": Provider(
        mailtrap.MailtrapTrackingWebhookView,
        by_view(mailtrap.MailtrapTrackingWebhookView, "tracking_secret"),
        "MAILTRAP_TRACKING_SECRET",
        apart.of_events,
    ),
    "mandrill": Provider(
        mandrill.MandrillCombinedWebhookView,
        by_view(mandrill.MandrillCombinedWebhookView, "webhook_key"),
        "MANDRILL_WEBHOOK_KEY",
        apart.of_form,
        inbound_check=by_view(mandrill.MandrillCombinedWebhookView, "webhook_key"),
        inbound_setting="MANDRILL_WEBHOOK_KEY",
    ),
    "postal": Provider(
        postal.PostalTrackingWebhookView,
        by_view(postal.PostalTrackingWebhookView, "webhook_key"),
        "POSTAL_WEBHOOK_KEY",
        given=_named("webhook_key"),
        inbound_check=by_view(postal.PostalInboundWebhookView, "webhook_key"),
        inbound_setting="POSTAL_WEBHOOK_KEY",
    ),
    "postmark": Provider(postmark.PostmarkTrackingWebhookView, checks.by_password, PASSWORD),
    "resend": Provider(
        resend.ResendTrackingWebhookView,
        checks.by_svix,
        "RESEND_SIGNING_SECRET",
        inbound_check=checks.by_svix,
        inbound_setting="RESEND_INBOUND_SECRET",
    ),
    "sendgrid": Provider(
        sendgrid.SendGridTrackingWebhookView,
        by_view(sendgrid.SendGridTrackingWebhookView, "tracking_webhook_verification_key"),
        "SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY",
        apart.of_list,
    ),
    "sparkpost": Provider(
        sparkpost.SparkPostTrackingWebhookView, checks.by_password, PASSWORD, apart.of_list
    ),
    "unisender_go": Provider(
        unisender_go.UnisenderGoTrackingWebhookView,
        by_view(unisender_go.UnisenderGoTrackingWebhookView, "api_key"),
        "UNISENDER_GO_API_KEY",
        apart.of_users,
        given=_named("api_key"),
    ),
}
