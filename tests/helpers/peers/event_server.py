"""The SQS and SNS of moto in a thread, on the loopback. They believe every signature."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config
from moto.server import ThreadedMotoServer

KEYS = ("ANYKEY", "any-secret")
REGION = "us-east-1"


class EventServer:
    """The test's end of it.

    Attributes:
        endpoint: its URL.
    """

    def __init__(self) -> None:
        self._server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        self._server.start()
        _, port = self._server.get_host_and_port()
        self.endpoint = f"http://127.0.0.1:{port}"

    def queue(self, name: str) -> str:
        """The URL of a new queue."""
        client = self._client("sqs")
        try:
            return str(client.create_queue(QueueName=name)["QueueUrl"])
        finally:
            client.close()

    def topic(self, name: str, *queues: str) -> str:
        """The ARN of a new topic that copies into these queues."""
        sns, sqs = self._client("sns"), self._client("sqs")
        try:
            arn = str(sns.create_topic(Name=name)["TopicArn"])
            for url in queues:
                asked = {"QueueUrl": url, "AttributeNames": ["QueueArn"]}
                to = sqs.get_queue_attributes(**asked)["Attributes"]["QueueArn"]
                sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=to)
            return arn
        finally:
            sns.close()
            sqs.close()

    def waiting(self, url: str) -> int:
        """How many messages a queue holds, those included that somebody has received."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        client = self._client("sqs")
        try:
            found = client.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
            return sum(int(found[name]) for name in names)
        finally:
            client.close()

    def close(self) -> None:
        """End it; what it held is forgotten."""
        self._server.stop()
        if self._server._server is not None:
            self._server._server.server_close()

    def _client(self, service: str) -> Any:  # noqa: ANN401 - as boto3 makes it
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=KEYS[0],
            aws_secret_access_key=KEYS[1],
            config=Config(proxies={}),
        )
