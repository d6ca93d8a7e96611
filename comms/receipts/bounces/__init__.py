"""Bounce mail: bytes in, for each recipient whether, why and on whose word the mail did not arrive.

Pure: no models, no settings, no network. `explain` never raises.
"""

from comms.receipts.bounces.values import MOST_BYTES, Kind, Verdict
from comms.receipts.bounces.verdict import explain

__all__ = ["MOST_BYTES", "Kind", "Verdict", "explain"]
