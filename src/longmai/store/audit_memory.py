"""What the last clean audit saw, kept in a small file for the next one to go on from."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from longmai.kernel.errors import Invalid, NotFound
from longmai.ledger.findings import Audited

FORMAT = "longmai-audit/1"


@dataclass(frozen=True)
class AuditMemory:
    """The file.

    Who can write it can make the next audit skip records: keep a copy elsewhere, or audit whole.
    """

    file: Path

    def load(self) -> Audited:
        """Return what was seen.

        Raises:
            NotFound: there was no clean audit yet.
            Invalid: the file is damaged.
        """
        try:
            told = json.loads(self.file.read_text("utf-8"))
            if told.pop("format") != FORMAT:
                raise ValueError(FORMAT)  # noqa: TRY301 - one message for all damage
            return Audited(**told)
        except FileNotFoundError:
            raise NotFound(
                "no audit of the whole log was clean yet",
                code="audit.memory",
                place=str(self.file),
                mend="run 'longmai ledger audit' first",
            ) from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Invalid(
                "the memory of the last audit is damaged",
                code="audit.memory",
                place=str(self.file),
                mend="run 'longmai ledger audit', which writes it anew",
            ) from None

    def save(self, audited: Audited) -> None:
        """Keep what was seen, whole or not at all."""
        fresh = self.file.with_name(f"{self.file.name}.{os.getpid()}.new")
        fresh.write_text(json.dumps({"format": FORMAT, **asdict(audited)}), encoding="utf-8")
        fresh.replace(self.file)
