"""Who vouches for the far end of a TLS line: a file of the settings, or else this system.

Nothing of it comes from the environment. `ssl.create_default_context` reads SSL_CERT_FILE,
SSL_CERT_DIR and SSLKEYLOGFILE; whoever sets one of them would choose whom the kiosk believes.
"""

from __future__ import annotations

import ssl
from pathlib import Path

from hardware.secret_file import located
from kiosk.domain.errors import SettingsError


def trusting(ca_file: Path | None, setting: str) -> ssl.SSLContext:
    """A client's context that verifies certificate and name, with TLS 1.2 or later.

    Args:
        ca_file: who vouches, in PEM; None for the authorities that this system trusts.
        setting: the setting that names it, for the message.

    Raises:
        SettingsError: the file cannot be read, or holds no certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is None:
        _trust_the_system(context)
        return context
    place = located(ca_file, setting)
    try:
        context.load_verify_locations(cafile=place)
    except OSError as error:
        why = "it holds no certificate" if isinstance(error, ssl.SSLError) else error.strerror
        raise SettingsError(
            f"The file {place} of {setting} cannot be used: {why}.",
            f"Put the certificate of the authority there, in PEM, or correct {setting}.",
        ) from error
    return context


def _trust_the_system(context: ssl.SSLContext) -> None:
    """The places that were built into the library, not those that the environment names."""
    built_in = ssl.get_default_verify_paths()
    cafile, capath = Path(built_in.openssl_cafile), Path(built_in.openssl_capath)
    if cafile.is_file():
        context.load_verify_locations(cafile=cafile)
    if capath.is_dir():
        context.load_verify_locations(capath=capath)


def untrusted(error: BaseException | None) -> str | None:
    """Why a certificate was not believed, in the library's words; None where it was not that."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error.verify_message
        error = error.__cause__ or error.__context__
    return None
