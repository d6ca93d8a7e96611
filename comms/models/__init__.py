"""The rows of a message's life; one file a noun."""

from comms.models.access import Access
from comms.models.communication import Attachment, Communication
from comms.models.content import Content
from comms.models.export import Export
from comms.models.link_target import LinkTarget
from comms.models.log import Delivery, DeliveryEvent, LogEntry, Search
from comms.models.outlet import Outlet
from comms.models.portal import PortalLink, PortalPushSubscription
from comms.models.posting import PostedLetter, PostingRun
from comms.models.proof import Proof
from comms.models.receipt import Receipt, ReceiptParsing
from comms.models.recipient import Recipient
from comms.models.report import ExportRecord
from comms.models.saved_view import PinnedView, SavedView
from comms.models.schedule import ExportSchedule, ScheduleRun
from comms.models.seal import Checkpoint, Leaf, Log, LogKey, Pending, Seal, Tile
from comms.models.suppression import Suppression
from comms.models.template import Template, TemplateVersion
from comms.models.ticket import Ticket, TicketChange
from comms.models.ticket_message import TicketMessage
from comms.models.translation import Translation
from comms.models.verification import Verification
from comms.models.webhook import Webhook, WebhookAttempt, WebhookMessage
from comms.models.witness import Keeper, OutsideCopy

__all__ = [
    "Access",
    "Attachment",
    "Checkpoint",
    "Communication",
    "Content",
    "Delivery",
    "DeliveryEvent",
    "Export",
    "ExportRecord",
    "Keeper",
    "Leaf",
    "ExportSchedule",
    "LinkTarget",
    "Log",
    "LogEntry",
    "LogKey",
    "Outlet",
    "OutsideCopy",
    "Pending",
    "PinnedView",
    "PortalLink",
    "PortalPushSubscription",
    "PostedLetter",
    "PostingRun",
    "Proof",
    "Receipt",
    "ReceiptParsing",
    "Recipient",
    "SavedView",
    "ScheduleRun",
    "Seal",
    "Search",
    "Suppression",
    "Template",
    "TemplateVersion",
    "Ticket",
    "TicketChange",
    "TicketMessage",
    "Tile",
    "Translation",
    "Verification",
    "Webhook",
    "WebhookAttempt",
    "WebhookMessage",
]
