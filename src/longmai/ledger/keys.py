"""The key file of a log or a witness: mode 0600, written whole, and changed only by rotation.

A rotation passes through two files: the next key lies beside the current one until a checkpoint
signed by both covers the record that names it; then it takes the current one's place. A process
that stops anywhere in between finds both and goes on.
"""

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from longmai.kernel.errors import Invalid, Unavailable
from longmai.ledger.note import LOG_KEY, Signer, VerifierKey


class KeyRing(Protocol):
    """The keys that sign a log's checkpoints now."""

    def signers(self) -> Sequence[Signer]:
        """Return the current key, and after it the next one while a rotation is under way."""
        ...


@dataclass
class KeyFile:
    """A key ring on disk; made at first use, read anew when another process changed it.

    Args:
        file: of the current key; the next one lies beside it as ``.next``.
        name: of the log or witness.
        kind: of the key, as in ``VerifierKey``.
    """

    file: Path
    name: str
    kind: bytes = LOG_KEY
    _read: dict[Path, tuple[tuple[int, int], Signer]] = field(default_factory=dict, repr=False)

    @property
    def signer(self) -> Signer:
        """Return the current key, made where there is none.

        Raises:
            Invalid: the file can be read by others, is damaged, or is of another name.
            Unavailable: the file cannot be read or written.
        """
        return self._load(self.file) or self._create(self.file)

    @property
    def next_file(self) -> Path:
        """Return where the next key lies during a rotation."""
        return self.file.with_name(f"{self.file.name}.next")

    def signers(self) -> Sequence[Signer]:
        """Return the current key, and after it the next one while a rotation is under way."""
        following = self._load(self.next_file)
        return (self.signer,) if following is None else (self.signer, following)

    def prepare(self) -> Signer:
        """Return the next key, made where a rotation has not begun yet."""
        return self._load(self.next_file) or self._create(self.next_file)

    def promote(self, key: VerifierKey) -> None:
        """Put the next key in the current one's place, if it is this one; the old is destroyed."""
        following = self._load(self.next_file)
        if following is not None and following.verifier_key == key:
            self.next_file.rename(self.file)
            _sync_folder(self.file.parent)

    def _load(self, file: Path) -> Signer | None:
        try:
            found = file.stat()
            seen = self._read.get(file)
            if seen is not None and seen[0] == (found.st_ino, found.st_mtime_ns):
                return seen[1]
            if stat.S_IMODE(found.st_mode) & 0o077:
                raise Invalid(
                    "the log's key can be read by others",
                    code="ledger.key.mode",
                    place=str(file),
                    mend=f"run: chmod 600 {file}",
                )
            signer = Signer.from_text(file.read_text(encoding="utf-8"), str(file))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unusable(file, error) from None
        self._check_name(file, signer.verifier_key)
        self._read[file] = (found.st_ino, found.st_mtime_ns), signer
        return signer

    def _check_name(self, file: Path, key: VerifierKey) -> None:
        if (key.name, key.kind) != (self.name, self.kind):
            raise Invalid(
                "the key belongs to another log",
                code="ledger.key.name",
                place=str(file),
                value=key.name,
                mend=f"set LONGMAI_LOG_ORIGIN={key.name}, or use another data folder",
            )

    def _create(self, file: Path) -> Signer:
        signer = Signer.generate(self.name, self.kind)
        # Written whole under another name first: a torn key file would lock the log out.
        fresh = file.with_name(f"{file.name}.{os.getpid()}.new")
        try:
            fresh.unlink(missing_ok=True)
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as out:
                out.write(signer.to_text())
                out.flush()
                os.fsync(out.fileno())
            # Never over a key that another process made meanwhile.
            os.link(fresh, file)
            fresh.unlink()
            _sync_folder(file.parent)
        except FileExistsError:
            fresh.unlink(missing_ok=True)
            return self._load(file) or signer
        except OSError as error:
            raise _unusable(file, error) from None
        return signer


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unusable(file: Path, error: OSError) -> Unavailable:
    return Unavailable(
        "the log's key cannot be read or written", place=str(file), value=error.strerror
    )
