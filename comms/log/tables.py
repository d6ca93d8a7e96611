"""The log as a table: its heads, with the sort that each would give."""

from collections.abc import Container, Iterable
from typing import Any

import django_tables2 as tables

from comms.log.columns import COLUMNS, Column
from comms.log.keyset import Order


class LogTable(tables.Table):
    """One row an entry; the cells are written in `comms/_log_row.html`, once for every page that lists entries."""

    sent, recipient, channel, title, linked, sender, status, template = (
        tables.Column(
            verbose_name=column.heading,
            accessor="pk",
            attrs={"th": {"class": column.wide}, "col": column.kind},
        )
        for column in COLUMNS
    )

    class Meta:
        template_name = "comms/_log_table.html"
        sequence = [column.name for column in COLUMNS]
        attrs = {"class": "ledger pick fixed fold"}

    def __init__(
        self, rows: Iterable[Any], order: Order, address: Any, shown: Container[str], **kwargs: Any
    ) -> None:
        left_out = [column.name for column in COLUMNS if column.name not in shown]
        super().__init__(rows, exclude=left_out, **kwargs)
        self.order = order
        self.heads = [Head(column, order, address) for column in COLUMNS if column.name not in self.exclude]


class Head:
    """The head of a column: its sort now, and the address that sorts by it (or turns the sort round)."""

    def __init__(self, column: Column, order: Order, address: Any) -> None:
        self.column = column
        self.sorted = order.name == column.name
        self.aria = ("descending" if order.descending else "ascending") if self.sorted else ""
        self.icon = "arrow-down" if order.descending else "arrow-up"
        first = f"-{column.name}" if column.name == "sent" else column.name
        turned = column.name if order.descending else f"-{column.name}"
        param = turned if self.sorted else first
        self.url = address(sort=None if param == "-sent" else param)
