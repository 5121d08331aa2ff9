"""How people and programs are known, built from settings; what it loads is loaded where pages are served."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from spowatch.settings.faults import SettingsError
from spowatch.settings.http import TlsFiles
from spowatch.settings.root import Settings
from spowatch.settings.sign_in import OidcSignIn

if TYPE_CHECKING:
    from web.accounts import Accounts, Identity


@contextmanager
def identity(settings: Settings, clock: Callable[[], datetime]) -> Iterator["Identity | None"]:
    """Sign-in by the provider that is set; None in a demonstration. It is asked nothing yet."""
    told = settings.http.sign_in
    if not isinstance(told, OidcSignIn):
        yield None
        return
    from web.accounts import Identity
    from web.attempts import Attempts
    from web.provider import Client, Provider
    from web.tokens import Issuer

    client = Client(told.client_id, _secret(told), f"{told.address}/sign-in/back", told.scope)
    provider = Provider(told.issuer, client)
    with closing(Attempts(settings.data_dir / "attempts.db", clock)) as attempts:
        yield Identity(
            provider=provider,
            issuer=Issuer(told.issuer, provider.keys_for, clock),
            accounts=_accounts(told),
            attempts=attempts,
            address=told.address,
            audience=told.audience,
        )


def must_be_a_certificate(files: TlsFiles | None) -> None:
    """Raises `SettingsError` before anybody is promised pages that cannot be served."""
    if files is None:
        return
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
            files.cert_file, files.key_file
        )
    except (OSError, ValueError) as fault:
        msg = f"SPO_HTTP__TLS__CERT_FILE, SPO_HTTP__TLS__KEY_FILE: no certificate with its key ({type(fault).__name__})"
        raise SettingsError(msg) from None


def _accounts(told: OidcSignIn) -> "Accounts":
    from web.accounts import Accounts, Machine

    return Accounts(
        roles={group: told.role_of(group) for group in told.roles},
        machines={client: Machine(*told.machine(client)) for client in told.machines},
        everywhere=told.everywhere,
        staff_claim=told.staff_claim,
        force_claim=told.force_claim,
        groups_claim=told.groups_claim,
    )


def _secret(told: OidcSignIn) -> str | None:
    if told.client_secret is not None:
        return told.client_secret.get_secret_value()
    if told.client_secret_file is None:
        return None
    try:
        return told.client_secret_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as fault:
        msg = f"SPO_HTTP__SIGN_IN__CLIENT_SECRET_FILE: cannot be read: {type(fault).__name__}"
        raise SettingsError(msg) from None
