"""The S3 of moto in a thread, on the loopback. It believes every signature."""

from __future__ import annotations

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from moto.server import ThreadedMotoServer

BUCKET = "fleet"
KEYS = ("ANYKEY", "any-secret")


class MotoPeer:
    """The test's end of it, with one empty bucket.

    Attributes:
        endpoint: its URL.
    """

    def __init__(self) -> None:
        self._server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        self._server.start()
        _, port = self._server.get_host_and_port()
        self.endpoint = f"http://127.0.0.1:{port}"
        assert make_bucket(self.endpoint, KEYS)

    def close(self) -> None:
        """End it; what it held is forgotten."""
        self._server.stop()
        if self._server._server is not None:
            self._server._server.server_close()


def make_bucket(endpoint: str, keys: tuple[str, str]) -> bool:
    """Make the bucket; True once it is there."""
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=keys[0],
        aws_secret_access_key=keys[1],
        config=Config(proxies={}, retries={"mode": "standard", "total_max_attempts": 1}),
    )
    try:
        client.create_bucket(Bucket=BUCKET)
    except (BotoCoreError, ClientError):
        return False
    finally:
        client.close()
    return True
