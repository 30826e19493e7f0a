"""Writes evidence bundles, member by member, to a file or to whatever else takes bytes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from zipfile import ZipFile

from services.platform import bundle


class Writer:
    """A bundle being written: the entries, the proofs, and the rest, which tells of them."""

    def __init__(self, out: ZipFile) -> None:
        self._out = out
        self._digests: dict[str, bytes] = {}

    @contextmanager
    def member(self, name: str) -> Iterator[Callable[[bytes], None]]:
        """What appends to a member; one at a time."""
        digest = sha256()
        with self._out.open(name, "w", force_zip64=True) as member:

            def write(part: bytes) -> None:
                member.write(part)
                digest.update(part)

            yield write
        self._digests[name] = digest.digest()

    def end(self, manifest: bundle.Manifest, note: str, policy: bytes) -> None:
        """Everything but the entries and the proofs."""
        rest = {
            bundle.CHECKPOINT: note.encode(),
            bundle.POLICY: policy,
            bundle.MANIFEST: manifest.encoded(),
            bundle.README: bundle.instructions(manifest),
        }
        for name, content in rest.items():
            with self.member(name) as write:
                write(content)
        self._out.writestr(bundle.SUMS, bundle.sums(self._digests))
