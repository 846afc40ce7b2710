"""Which catalog a home belongs to, and up to where the home has followed it.

A catalog that is empty, another one, or an older state of it knows nothing of what lies in the
home. That is no wish to delete it: so both remember an id and a number that only goes up, and
where the two differ nothing is done at all.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import Connection, select, update

from .. import files
from ..errors import DataLoss, FailedPrecondition, Message
from ..home import Home
from ..lock import aheld
from .engine import Catalog
from .tables import identity


@dataclass(frozen=True)
class Identity:
    """A catalog at one moment.

    Attributes:
        id: random, given to it when it was made.
        sequence: goes up by one whenever a home confirms that it belongs to it.
    """

    id: str
    sequence: int


class Pairing:
    """A home and its catalog.

    Args:
        home: remembers the catalog.
        catalog: the one that is configured.
    """

    def __init__(self, home: Home, catalog: Catalog) -> None:
        self._home = home
        self._catalog = catalog

    async def confirm(self) -> None:
        """Make sure that the home belongs to the catalog; call it before something is deleted.

        A home that belongs to none yet belongs to this one from now on.

        Raises:
            FailedPrecondition: it belongs to another, or to a later state of this one.
            DataLoss: what the home remembers can't be read.
        """
        async with aheld(self._home.root / "catalog.lock"):
            remembered = await asyncio.to_thread(_read, self._home.pairing)
            # The catalog first: a crash in between leaves it ahead, which is fine.
            found = await self._catalog.write(_advance, remembered, self._home.pairing)
            content = json.dumps(asdict(found)).encode()
            await asyncio.to_thread(files.replace, self._home.pairing, content)


def _advance(conn: Connection, remembered: Identity | None, path: Path) -> Identity:
    found = Identity(**conn.execute(select(identity)).mappings().one())
    if remembered is not None and remembered.id != found.id:
        raise FailedPrecondition(
            Message(
                "The data directory {path} belongs to another catalog than the configured one "
                "({remembered}, not {found}). Nothing of it was touched. Set catalog_url to the "
                "right one, or bring the catalog back; or, to give up what only the other "
                "catalog knows, delete {file} and start the server again.",
                "CATALOG_IS_ANOTHER",
                path=str(path.parent),
                remembered=remembered.id,
                found=found.id,
                file=str(path),
            )
        )
    if remembered is not None and remembered.sequence > found.sequence:
        raise FailedPrecondition(
            Message(
                "The catalog is older than what the data directory {path} has seen of it: was it "
                "restored from a backup? Nothing was touched. Bring the newer one back; or, to go "
                "on with this one without what was made since, delete {file} and start the server "
                "again.",
                "CATALOG_IS_OLDER",
                path=str(path.parent),
                file=str(path),
            )
        )
    conn.execute(update(identity).values(sequence=found.sequence + 1))
    return Identity(found.id, found.sequence + 1)


def _read(path: Path) -> Identity | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        found = Identity(content["id"], content["sequence"])
        if type(found.id) is not str or type(found.sequence) is not int:
            raise TypeError
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError, RecursionError, IsADirectoryError):
        raise DataLoss(
            Message(
                "{file} is damaged, so it is not known which catalog the data directory belongs "
                "to. If it is the configured one, delete the file and start the server again.",
                "PAIRING_DAMAGED",
                file=str(path),
            )
        ) from None
    return found
