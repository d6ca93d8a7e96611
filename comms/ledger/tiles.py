"""The hashes of a log's tree, where they are kept: leaf hashes in its seals, roots of full subtrees in its tiles."""

from collections.abc import Sequence

from comms.ledger import merkle
from comms.models import Log, Seal, Tile

WIDTH = 256  # hashes in a full tile
HEIGHT = 8  # of the subtree that a tile spans


class Broken(RuntimeError):
    """Raised where hashes of the tree are missing that must be there."""


class Tree:
    """A log's tree as it is stored; reads each tile once."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self._tiles: dict[tuple[int, int], list[bytes]] = {}

    def tile(self, level: int, number: int) -> list[bytes]:
        """Give the hashes of a tile as far as there are any (tlog-tiles): of one at the right edge, fewer than 256."""
        if (level, number) not in self._tiles:
            self._tiles[level, number] = self._read(level, WIDTH * number, WIDTH * (number + 1))
        return self._tiles[level, number]

    def _read(self, level: int, first: int, last: int) -> list[bytes]:
        if level == 0:
            rows = Seal.objects.filter(log=self.log, seq__gte=first, seq__lt=last).order_by("seq")
        else:
            rows = Tile.objects.filter(log=self.log, level=level, index__gte=first, index__lt=last)
            rows = rows.order_by("index")
        return [bytes(found) for found in rows.values_list("hash", flat=True)]

    def perfect(self, height: int, index: int) -> bytes:
        """Give the root of a perfect subtree (merkle.Perfect). Raises Broken."""
        level, within = divmod(height, HEIGHT)
        first, width = index << within, 1 << within
        hashes = self.tile(level, first // WIDTH)[first % WIDTH :][:width]
        if len(hashes) < width:
            raise Broken(f"The tree of {self.log.origin} has gaps: run manage.py verify_log --full.")
        return merkle.root_of(hashes)

    def root(self, size: int) -> bytes:
        return merkle.root(size, self.perfect)

    def grown(self, first: int, hashes: Sequence[bytes]) -> list[Tile]:
        """Give the tiles that become full when leaves are added at a place."""
        made: list[Tile] = []
        level, begin, added = 1, first, list(hashes)
        while added:
            before = self._read(level - 1, begin - begin % WIDTH, begin)
            whole, start = before + added, (begin - begin % WIDTH) // WIDTH
            added = [merkle.root_of(whole[at : at + WIDTH]) for at in range(0, len(whole) - WIDTH + 1, WIDTH)]
            made += [
                Tile(
                    organisation_id=self.log.organisation_id,
                    log=self.log,
                    level=level,
                    index=start + place,
                    hash=found,
                )
                for place, found in enumerate(added)
            ]
            level, begin = level + 1, start
        return made
