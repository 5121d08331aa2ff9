"""A key to sign with that is this store's own, made when it is first needed."""

import base64
import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from pydantic import SecretStr

from consumers.synced_folder import sync_folder

_KEY_BYTES = 32


def own_key(path: Path) -> SecretStr:
    """Two lanes may need it in the same moment: it is there whole or not at all, and the first stays."""
    if not path.exists():
        with NamedTemporaryFile(
            "w", dir=path.parent, prefix=f".{path.stem}", encoding="ascii"
        ) as new:
            new.write("whsec_" + base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode())
            new.flush()
            os.fsync(new.fileno())
            with suppress(FileExistsError):
                os.link(new.name, path)
            sync_folder(path.parent)
    return SecretStr(path.read_text(encoding="ascii").strip())
