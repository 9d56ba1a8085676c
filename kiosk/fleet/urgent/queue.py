"""Notices through a queue of SQS, and through a topic of SNS that copies them into many queues.

What a message says is not read: its coming is all.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

from kiosk.domain.errors import LintelError
from kiosk.fleet.stores.s3_client import service, translated

WAIT_SECONDS = 20
"""How long a queue holds a question back until there is something in it."""
CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 10.0
"""How long to wait for an answer beyond what the queue may hold it back."""
PAUSE_SECONDS = 1.0
"""Between two questions, so that a queue that answers at once keeps nobody busy."""
LONGEST_PAUSE_SECONDS = 60.0
MOST_MESSAGES = 10
TEXT: Final = "look"
"""A message may not be empty."""
_QUEUE, _TOPIC = "the fleet's queue", "the fleet's topic"
_CLOSE_SECONDS = 2.0
_HOST_PARTS = 3


class QueueNotices:
    """Listens for notices in a queue, in a thread of its own, until it is closed.

    What was received is removed. A queue that does not answer is asked again, less and less often.

    Args:
        url: the queue's; requests go to its server.
        notice: called when something came; raises nothing and returns at once.
        changed: takes the problem when the queue stops working, and None once it works.
    """

    def __init__(
        self, url: str, notice: Callable[[], None], changed: Callable[[str | None], None]
    ) -> None:
        self._url, self._notice, self._changed = url, notice, changed
        self._works: bool | None = None
        self._closing = threading.Event()
        with translated(url, _QUEUE):
            self._client = _of_queue(url, (CONNECT_SECONDS, WAIT_SECONDS + ANSWER_SECONDS))
        self._thread = threading.Thread(target=self._listen, name="notices", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop; a question that is held back ends by itself, and nobody hears its answer."""
        self._closing.set()
        self._thread.join(_CLOSE_SECONDS)
        self._client.close()

    def _listen(self) -> None:
        pause = PAUSE_SECONDS
        while not self._closing.is_set():
            try:
                with translated(self._url, _QUEUE):
                    came = self._received()
            except LintelError as error:
                self._say(error.problem)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            else:
                self._say(None)
                pause = PAUSE_SECONDS
                if came and not self._closing.is_set():
                    self._notice()
            self._closing.wait(pause)

    def _received(self) -> bool:
        """True if something came; it is removed from the queue."""
        answer: dict[str, Any] = self._client.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=MOST_MESSAGES,
            WaitTimeSeconds=WAIT_SECONDS,
        )
        came = answer.get("Messages", [])
        if came:
            handles = [
                {"Id": str(number), "ReceiptHandle": each["ReceiptHandle"]}
                for number, each in enumerate(came)
                if "ReceiptHandle" in each
            ]
            self._client.delete_message_batch(QueueUrl=self._url, Entries=handles)
        return bool(came)

    def _say(self, problem: str | None) -> None:
        works = problem is None
        if works is not self._works and not self._closing.is_set():
            self._works = works
            self._changed(problem)


def send_to_queue(url: str, seconds: float) -> None:
    """Put a notice into a queue.

    Args:
        url: the queue's.
        seconds: how long to wait for a connection, and for the answer.

    Raises:
        BadInput, FleetRefused, FleetStoreUnreachable: it was not taken.
    """
    with translated(url, _QUEUE):
        client = _of_queue(url, (seconds, seconds))
        try:
            client.send_message(QueueUrl=url, MessageBody=TEXT)
        finally:
            client.close()


def send_to_topic(arn: str, region: str, endpoint: str | None, seconds: float) -> None:
    """Put a notice into every queue of a topic.

    Args:
        arn: the topic's name.
        region: where it is.
        endpoint: the server's URL; None is AWS.
        seconds: how long to wait for a connection, and for the answer.

    Raises:
        BadInput, FleetRefused, FleetStoreUnreachable: it was not taken.
    """
    with translated(arn, _TOPIC):
        client = service("sns", endpoint, None, (seconds, seconds), region)
        try:
            client.publish(TopicArn=arn, Message=TEXT)
        finally:
            client.close()


def _of_queue(url: str, seconds: tuple[float, float]) -> Any:  # noqa: ANN401 - as boto3 makes it
    parts = urlsplit(url)
    return service("sqs", f"{parts.scheme}://{parts.netloc}", None, seconds, _region(parts.netloc))


def _region(host: str) -> str | None:
    """The region in the name of a server of AWS: `sqs.eu-central-1.amazonaws.com`."""
    parts = host.split(".")
    aws = len(parts) > _HOST_PARTS and parts[0] == "sqs" and parts[2] == "amazonaws"
    return parts[1] if aws else None
