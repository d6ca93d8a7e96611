"""Who reads receipts of which source. A parser takes a Receipt and gives Heard, Ignored or Odd; it asks no database."""

from comms.receipts.heard import Source

SOURCES: dict[str, Source] = {}
