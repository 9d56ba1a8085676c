"""The wire to AWS's KMS, for admins' signing keys; made as the wire to S3 is.

A module of its own beside `s3_client`, so that whoever has keys there needs no bucket.
"""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError
from cryptography.hazmat.primitives.serialization import load_der_public_key
from securesystemslib.signer import AWSSigner, Key, SSlibKey

from kiosk.fleet.stores.s3_client import connect_kms

KMS_FAULTS = (BotoCoreError, ClientError)


class EndpointSigner(AWSSigner):
    """Signs in a KMS at an address that a name gives, and at no other.

    Args:
        key: the key's id, alias or ARN.
        endpoint: the service's URL; None is AWS in the environment's region.
        public: the key's public part.
    """

    def __init__(self, key: str, endpoint: str | None, public: SSlibKey) -> None:
        self.aws_key_id, self._public_key = key, public
        self.client = connect_kms(endpoint)
        self.aws_algo = self.aws_algos[public.scheme]


def kms_signer(key: str, endpoint: str | None, public: Key) -> EndpointSigner:
    """What signs with a key.

    Raises:
        ValueError: the public key is of another kind.
    """
    if not isinstance(public, SSlibKey) or public.scheme not in AWSSigner.aws_algos:
        raise ValueError(f"keys of the kind {public.scheme} do not sign there")
    return EndpointSigner(key, endpoint, public)


def kms_public(key: str, endpoint: str | None) -> SSlibKey:
    """The public part of a key; raises what botocore raises."""
    client = connect_kms(endpoint)
    try:
        answer = client.get_public_key(KeyId=key)
    finally:
        client.close()
    return SSlibKey.from_crypto(load_der_public_key(answer["PublicKey"]))
