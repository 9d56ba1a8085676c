"""A topic of a broker and the login there, as the adapter takes them."""

from __future__ import annotations

from config.sections.broker import BrokerLogin
from config.sections.urgent import BrokerTopic
from hardware.notices.mqtt import NoticeConfig


def notice_config(topic: BrokerTopic, login: BrokerLogin, client: str) -> NoticeConfig:
    """What the settings say of a broker.

    Args:
        topic: of the notices.
        login: who we are there.
        client: the client id.
    """
    return NoticeConfig(
        host=topic.host,
        port=topic.port,
        allow_insecure=not topic.tls,
        topic=topic.topic,
        client=client,
        **login.model_dump(),
    )
