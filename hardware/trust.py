"""Trust anchors of TLS connections: a CA file named in the settings, or the system's trust store.

Environment variables are not used. `ssl.create_default_context` reads SSL_CERT_FILE, SSL_CERT_DIR
and SSLKEYLOGFILE; a person who can set one of them could choose which servers the kiosk trusts.
"""

from __future__ import annotations

import ssl
from pathlib import Path

from hardware.secret_file import located
from kiosk.domain.errors import SettingsError


def trusting(ca_file: Path | None, setting: str) -> ssl.SSLContext:
    """Create a client context that verifies certificate and host name, with TLS 1.2 or later.

    Args:
        ca_file: trusted CA certificates in PEM; None for the system's trust store.
        setting: the name of the setting that holds the path, for the error message.

    Raises:
        SettingsError: the file cannot be read, or contains no certificate.
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
    """Load the locations compiled into the library, not those named in the environment."""
    built_in = ssl.get_default_verify_paths()
    cafile, capath = Path(built_in.openssl_cafile), Path(built_in.openssl_capath)
    if cafile.is_file():
        context.load_verify_locations(cafile=cafile)
    if capath.is_dir():
        context.load_verify_locations(capath=capath)


def untrusted(error: BaseException | None) -> str | None:
    """The library's reason for rejecting a certificate; None if the error has another cause."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error.verify_message
        error = error.__cause__ or error.__context__
    return None
