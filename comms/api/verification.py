"""Whether the record is as it was recorded: the newest signed head, and what the verifications found."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from comms.ledger import publishing, running, sealing
from comms.models import LogKey, Pending, Verification
from portfolio.access import ROLES
from portfolio.api.base import ApiViewSet
from portfolio.api.fields import Moment, Strict, body

AUDITORS = (ROLES.AUDITOR, ROLES.ADMIN)
OPEN = (Verification.State.WAITING, Verification.State.RUNNING)


class FindingShown(serializers.Serializer):
    kind = serializers.CharField()
    about = serializers.CharField()
    words = serializers.CharField()


class VerificationShown(serializers.Serializer):
    id = serializers.UUIDField(source="public_id")
    mode = serializers.ChoiceField(Verification.Mode.choices)
    state = serializers.ChoiceField(Verification.State.choices)
    requested_at = Moment()
    started_at = Moment(allow_null=True)
    finished_at = Moment(allow_null=True)
    figures = serializers.DictField(child=serializers.FloatField(), help_text="How much was looked at.")
    findings = FindingShown(many=True, help_text="The first hundred.")
    remarks = serializers.ListField(child=serializers.CharField())


class StatusShown(serializers.Serializer):
    sealed = serializers.IntegerField(help_text="Leaves that have their place in the sealed log.")
    waiting = serializers.IntegerField(help_text="Leaves that wait for theirs.")
    head = serializers.CharField(
        help_text="The newest signed head (a C2SP checkpoint); empty before the first."
    )
    keys = serializers.ListField(child=serializers.CharField(), help_text="By which heads are signed.")
    asked_for = VerificationShown(allow_null=True, help_text="One whose result is still to come.")
    full = VerificationShown(allow_null=True, help_text="The last of everything.")
    tail = VerificationShown(allow_null=True, help_text="The last of the newest.")


class Status(ApiViewSet):
    roles = {"list": AUDITORS, "create": AUDITORS}
    reading = ("create",)  # a token that may read may have it verified: nothing of the record changes

    @extend_schema(
        operation_id="verification_get",
        tags=["verification"],
        summary="Get the newest signed head and the last verifications",
        responses=StatusShown,
    )
    def list(self, request: Request) -> Response:
        log = sealing.current(self.organisation)
        head = publishing.newest(log) if log else None
        runs = Verification.objects.all()
        done = runs.exclude(state__in=OPEN)
        return Response(
            StatusShown(
                {
                    "sealed": sealing.size(log) if log else 0,
                    "waiting": Pending.objects.count(),
                    "head": head.note if head else "",
                    "keys": LogKey.objects.filter(log=log).values_list("vkey", flat=True) if log else [],
                    "asked_for": runs.filter(state__in=OPEN).first(),
                    "full": done.filter(mode="full").first(),
                    "tail": done.filter(mode="tail").first(),
                }
            ).data
        )

    @extend_schema(
        operation_id="verification_ask",
        tags=["verification"],
        summary="Ask for a verification of everything; one that is still to come is given again",
        request=None,
        responses={202: VerificationShown},
    )
    def create(self, request: Request) -> Response:
        body(Strict, request)
        asked_for: Any = running.ask(self.organisation, Verification.Mode.FULL, self.user)
        return Response(VerificationShown(asked_for).data, status=202)
