"""The first copy outside that covers a row: from then on nobody can say that it was made later."""

from bisect import bisect_right
from typing import NamedTuple

from comms.models import Log as SealedLog
from comms.models import OutsideCopy


class Copies(NamedTuple):
    """The copies of the heads of one log that reached further than any before them, in the order of their times."""

    sizes: list[int]
    copies: list[OutsideCopy]

    def covering(self, place: int) -> OutsideCopy | None:
        """Give the first copy of a head under which a place is."""
        at = bisect_right(self.sizes, place)
        return self.copies[at] if at < len(self.copies) else None


def of_log(log: SealedLog, size: int) -> Copies:
    """Gather them, of heads that are no larger than a size."""
    sizes: list[int] = []
    copies: list[OutsideCopy] = []
    rows = OutsideCopy.objects.filter(checkpoint__log=log, checkpoint__size__lte=size)
    for copy in rows.select_related("checkpoint").order_by("at", "pk"):
        if not sizes or copy.checkpoint.size > sizes[-1]:
            sizes.append(copy.checkpoint.size)
            copies.append(copy)
    return Copies(sizes, copies)
