"""The signed list of the files of a folder: of a release, or of an exported site."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kerege.base import ed25519, signing
from kerege.base.errors import BadInput, Fault, Refused
from kerege.evidence.release import PUBLIC_KEY


@dataclass(frozen=True)
class SignedList:
    """The file that names the other files of a folder, and the file with its signature.

    `words` name the list in messages, `kind` the folder.
    """

    name: str
    signature: str
    words: str
    kind: str

    @property
    def files(self) -> frozenset[str]:
        """Return the list, its signature and the public key, which the list itself does not name."""
        return frozenset({self.name, self.signature, PUBLIC_KEY})

    def write(self, folder: Path, content: bytes, key: signing.SigningKey) -> None:
        """Write the list, its signature and the public key into a folder."""
        (folder / self.name).write_bytes(content)
        (folder / self.signature).write_text(signing.sign(content, key) + "\n")
        (folder / PUBLIC_KEY).write_bytes(signing.public_pem(key))

    def read(self, folder: Path, public_key: bytes | None = None) -> bytes:
        """Return the list after checking its signature.

        `public_key` (PEM) is the publisher's key from an independent source. Without it the key in the folder is used,
        which reveals damage but not forgery. Raise BadInput if there is no list, and Refused if it was changed.
        """
        content, signature, own = (self.read_file(folder, name) for name in (self.name, self.signature, PUBLIC_KEY))
        if public_key is not None and public_key.strip() != own.strip():
            raise Refused(f"{folder.name}: signed with another key than the one given")
        try:
            ed25519.check(content, signature.decode("ascii", "replace"), own)
        except Refused:
            fault = f"the signature does not fit {self.words}: it was changed, or signed with another key"
            raise Refused(f"{folder.name}: {fault}") from None
        return content

    def read_file(self, folder: Path, name: str) -> bytes:
        """Return the content of a file of a folder. Raise BadInput if there is none."""
        try:
            return (folder / name).read_bytes()
        except OSError:
            raise BadInput(Fault(f"holds no {name}", f"give the folder of {self.kind}", file=str(folder))) from None
