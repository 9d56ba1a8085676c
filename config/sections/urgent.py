"""The urgent channel of a fleet: the address at which it is said that there is something new.

What comes over it is only a reason to look. It carries no content, and nobody is trusted for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, urlsplit

from pydantic import Field, model_validator

from config.sections.broker import TOPIC, BrokerLogin
from config.sections.common import Section

PLAIN_PORT, TLS_PORT = 1883, 8883
_ARN = re.compile(r"arn:aws[a-z-]*:sns:([a-z0-9-]+):[0-9]{12}:[A-Za-z0-9_-]{1,256}")


@dataclass(frozen=True, slots=True)
class BrokerTopic:
    """A topic of an MQTT broker.

    Attributes:
        host: name or address of the broker.
        port: its TCP port.
        topic: the topic.
        tls: False for plain TCP.
    """

    host: str
    port: int
    topic: str
    tls: bool


@dataclass(frozen=True, slots=True)
class EventQueue:
    """A queue of SQS; each kiosk has its own.

    Attributes:
        url: as AWS names it; requests go to its server.
    """

    url: str


@dataclass(frozen=True, slots=True)
class EventTopic:
    """A topic of SNS, which copies what is sent to it into each kiosk's queue. Only sent to.

    Attributes:
        arn: its name.
        region: where it is.
        endpoint: the server's URL; None is AWS.
    """

    arn: str
    region: str
    endpoint: str | None = None


UrgentAddress = BrokerTopic | EventQueue | EventTopic


def parse_urgent(text: str) -> UrgentAddress:
    """Read an address: `mqtts://HOST:PORT/TOPIC`, `mqtt://…`, `sqs:QUEUE_URL` or `sns:ARN`.

    Raises:
        ValueError: it is none, or holds a user or a password.
    """
    kind, _, rest = text.partition(":")
    match kind:
        case "mqtt" | "mqtts":
            return _topic(urlsplit(text), tls=kind == "mqtts")
        case "sqs":
            return EventQueue(_url(rest, path=True))
        case "sns":
            arn, asked, query = rest.partition("?")
            known = _ARN.fullmatch(arn)
            if known is None:
                raise ValueError("after sns: it has no ARN of an SNS topic")
            return EventTopic(arn, known[1], _endpoint(query) if asked else None)
        case _:
            raise ValueError("it begins neither with mqtts:, mqtt:, sqs: nor sns:")


def _topic(parts: SplitResult, *, tls: bool) -> BrokerTopic:
    topic = parts.path.removeprefix("/")
    if "@" in parts.netloc:
        raise ValueError("it holds a user or a password; they belong in fleet.urgent_login")
    if not parts.hostname or parts.query or parts.fragment or parts.port == 0:
        raise ValueError("it is no mqtts://HOST:PORT/TOPIC")
    if not re.fullmatch(TOPIC, topic):
        raise ValueError("its topic is 1 to 8 parts of letters, digits, - and _ between slashes")
    return BrokerTopic(
        parts.hostname, parts.port or (TLS_PORT if tls else PLAIN_PORT), topic, tls=tls
    )


def _endpoint(query: str) -> str:
    match parse_qsl(query, keep_blank_values=True, strict_parsing=True):
        case [("endpoint", url)]:
            return _url(url, path=False)
        case _:
            raise ValueError("after the question mark it has more than an endpoint")


def _url(text: str, *, path: bool) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
        raise ValueError("it has no URL that begins with https://")
    if "@" in parts.netloc:
        raise ValueError("it holds a user or a password")
    has_path = parts.path not in {"", "/"}
    if parts.query or parts.fragment or has_path is not path or not text.isprintable():
        raise ValueError("its URL has more or less than it should")
    return text


class UrgentSettings(Section):
    """The urgent channel; without an address there is none, and the kiosk polls as ever."""

    urgent: str | None = Field(None, max_length=1024)
    """Where "there is something new" is said: `mqtts://HOST:PORT/TOPIC` or `sqs:QUEUE_URL`."""
    urgent_login: BrokerLogin = Field(default_factory=BrokerLogin)
    """The login at that broker; a queue takes AWS's credentials."""

    @model_validator(mode="after")
    def _reachable(self) -> UrgentSettings:
        if self.urgent is None:
            return self
        try:
            address = parse_urgent(self.urgent)
        except ValueError as error:
            raise ValueError(f"urgent is no address of an urgent channel: {error}") from None
        login = self.urgent_login
        known = login.user or login.certificate_file
        match address:
            case BrokerTopic(tls=True):
                if login.ca_file is None:
                    raise ValueError("urgent_login.ca_file must name the broker's authority")
                if known is None:
                    raise ValueError("set urgent_login.user and password_file: it must know us")
            case BrokerTopic():
                if login.ca_file or login.certificate_file:
                    raise ValueError("urgent_login has certificates: write mqtts://")
            case _:
                if login != BrokerLogin():
                    raise ValueError("urgent_login is for brokers: a queue takes AWS's credentials")
        return self

    @property
    def urgent_address(self) -> UrgentAddress | None:
        """The address in its parts; None without one."""
        return None if self.urgent is None else parse_urgent(self.urgent)
