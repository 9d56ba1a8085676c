"""Settings of the HTTP driver: Shelly Gen2 RPC, or a receiver of signed commands.

Secrets are not part of the settings: a setting names the file with the secret, by its absolute path
or the name of a systemd credential.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from config.sections.common import Section
from config.sections.doors.contact import ContactSettings

Url = str | None

_CONTACTS = ("leaf", "tamper", "exit_button", "fire", "neighbour")
_SHELLY = ("url", "password_file")
_WEBHOOK = ("release_url", "secure_url", "status_url", "key_file", "door")
_NEEDS = {"shelly": _SHELLY, "webhook": _WEBHOOK}
_FOREIGN = {"shelly": _WEBHOOK, "webhook": (*_SHELLY, "output", "operator_output", *_CONTACTS)}


class HttpInput(ContactSettings):
    """A contact on an input of the relay."""

    input: int = Field(ge=0, le=15)
    """The input's number, counted from 0."""


class HttpSettings(Section):
    """A relay that is controlled over HTTP."""

    kind: Literal["shelly", "webhook"]
    """`shelly`: a relay with Shelly's Gen2 RPC. `webhook`: a receiver of signed commands."""
    ca_file: Path | None = None
    """Certificate (PEM) of the authority that signed the device's; unset: the system's."""
    allow_insecure: bool = False
    """Plain HTTP: anyone who can modify traffic on that network can open the door. `kiosk doctor`
    reports it."""

    url: Url = None
    """shelly: the relay's address, without a path."""
    password_file: Path | None = None
    """shelly: the file that holds the password of its user `admin`."""
    output: int = Field(0, ge=0, le=15)
    """shelly: the number of the output that the lock is wired to. On is released."""
    operator_output: int | None = Field(None, ge=0, le=15)
    """shelly: the output that starts a door operator, where there is one."""
    leaf: HttpInput | None = None
    """shelly: the door position switch; at rest while the leaf is shut."""
    tamper: HttpInput | None = None
    """shelly: the tamper contact."""
    exit_button: HttpInput | None = None
    """shelly: the exit button (REX). The door must open from within without the kiosk all the
    same."""
    fire: HttpInput | None = None
    """shelly: the fire panel's contact."""
    neighbour: HttpInput | None = None
    """shelly: the other door of an interlock; at rest while that is shut and locked."""

    release_url: Url = None
    """webhook: takes the release command."""
    secure_url: Url = None
    """webhook: takes the lock command."""
    status_url: Url = None
    """webhook: returns the door's state."""
    key_file: Path | None = None
    """webhook: the file that holds the key shared with the receiver, at least 32 bytes."""
    door: str | None = Field(None, pattern=r"^[A-Za-z0-9_-]{1,64}$")
    """webhook: this door's name in every command."""

    @field_validator("url", "release_url", "secure_url", "status_url")
    @classmethod
    def _names_a_device(cls, url: Url) -> Url:
        if url is None:
            return None
        parts = urlsplit(url)  # a malformed URL raises ValueError too
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
            raise ValueError("must be written as https://host or http://host")
        if parts.username is not None or parts.password is not None:
            raise ValueError("a password does not belong in an address: use a file")
        if parts.query or parts.fragment or any(c.isspace() for c in url):
            raise ValueError("must have no query, no fragment and no blanks")
        return url

    @model_validator(mode="after")
    def _is_of_one_kind(self) -> HttpSettings:
        missing = [name for name in _NEEDS[self.kind] if getattr(self, name) is None]
        if missing:
            raise ValueError(f'kind = "{self.kind}" needs {", ".join(missing)}')
        foreign = [name for name in _FOREIGN[self.kind] if name in self.model_fields_set]
        if foreign:
            raise ValueError(f'kind = "{self.kind}" has no {", ".join(foreign)}')
        if self.url is not None and urlsplit(self.url).path.strip("/"):
            raise ValueError("url is where the relay is, without a path")
        return self

    @model_validator(mode="after")
    def _is_encrypted_or_says_so(self) -> HttpSettings:
        urls = (self.url, self.release_url, self.secure_url, self.status_url)
        plain = [url for url in urls if url is not None and urlsplit(url).scheme == "http"]
        if plain and not self.allow_insecure:
            raise ValueError("http:// needs allow_insecure = true; https:// needs nothing")
        if self.allow_insecure and not plain:
            raise ValueError("allow_insecure is set, and every address is https://: remove it")
        if self.ca_file is not None and len(plain) == len([url for url in urls if url]):
            raise ValueError("ca_file vouches for https://, and no address has that")
        return self

    @model_validator(mode="after")
    def _uses_each_place_once(self) -> HttpSettings:
        if self.operator_output == self.output:
            raise ValueError("output and operator_output must differ")
        fitted = [getattr(self, name) for name in _CONTACTS]
        inputs = [contact.input for contact in fitted if contact is not None]
        if len(set(inputs)) < len(inputs):
            raise ValueError("each input can have one contact only")
        return self
