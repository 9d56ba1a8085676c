"""Settings of Amazon Rekognition as a matcher. Without them nothing is ever sent.

Credentials are never settings: they come from AWS's standard chain. Address, proxy and authority
come from here alone, whatever the environment says.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from config.sections.common import Section
from config.service_url import host_and_port, is_loopback, refuse_bad_url
from kiosk.domain.cloud.faces import LEAST_RELEASE, LEAST_SEARCHED, MOST_SEARCHED
from kiosk.domain.cloud.fusion import CloudRules, Scale, space_of
from kiosk.domain.cloud.modes import (
    CloudMode,
    DocumentReading,
    PartialAnswer,
    Searched,
    WhenGone,
)
from kiosk.domain.cloud.operations import Operation

MOST_ANSWER_SECONDS = 3.0


class CloudSettings(Section):
    """Whether, where and how Rekognition is asked."""

    mode: CloudMode = CloudMode.LOCAL
    """`local`, `cloud`, `local-then-cloud` or `both-agree`."""
    when_gone: WhenGone = WhenGone.REFUSE
    """Without an answer in time: `refuse`, `second_factor` or `local`."""
    region: str | None = Field(None, pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$")
    """AWS region of the collections, such as `eu-west-1`."""
    allowed_regions: tuple[str, ...] = ()
    """Where faces may be processed; empty for the region alone."""
    collection: str = Field("lintel", pattern=r"^[a-zA-Z0-9_-]{1,200}$")
    """What the collections' names begin with."""
    shards: int = Field(1, ge=1, le=100)
    """Collections that the people are spread over, by their ids."""
    search: Searched = Searched.USERS
    """What a face is compared with: `users` or `faces`."""
    threshold: float = Field(LEAST_RELEASE, ge=LEAST_SEARCHED, le=MOST_SEARCHED)
    """Similarity that a search is sent with; higher is stricter. A door needs 99 in any case."""
    thresholds: dict[str, Annotated[float, Field(ge=LEAST_RELEASE, le=MOST_SEARCHED)]] = Field(
        default_factory=lambda: {"7.0": LEAST_RELEASE}
    )
    """Similarity that releases the door, for each face model; a model not named releases none."""
    margin: float = Field(0.5, ge=0.0, le=10.0)
    """Least lead of the best person over the second, in points of similarity."""
    partial: PartialAnswer = PartialAnswer.REFUSE
    """What an answer is worth that some collections did not give: `refuse` or `accept`."""
    answer_seconds: float = Field(2.0, ge=0.5, le=MOST_ANSWER_SECONDS)
    """The most from the question to the decision, repeated attempts included. The run and the
    answer have to fit into `access.window_seconds`."""
    connect_seconds: float = Field(1.0, ge=0.1, le=10.0)
    """How long a connection may take."""
    read_seconds: float = Field(2.0, ge=0.1, le=10.0)
    """How long each part of an answer may take."""
    tps: dict[str, Annotated[float, Field(le=10_000.0)]] = Field(default_factory=dict)
    """Calls a second of an operation, by AWS's name of it; 5 where it is not named."""
    monthly_limit: float = Field(100.0, ge=0.0, le=1_000_000.0)
    """What may be spent in a calendar month; then nothing more is sent. In the unit of `price`."""
    price: float = Field(1.0, ge=0.0, le=1_000.0)
    """Price of a thousand calls that take a picture, as AWS lists it for the region."""
    endpoint: str | None = Field(None, max_length=1024)
    """URL of a server instead of AWS's own: an interface endpoint, or the loopback peer."""
    fips: bool = False
    """Use the endpoints that are validated for FIPS 140."""
    proxy: str | None = Field(None, max_length=1024)
    """URL of the proxy; the environment's is not used."""
    ca_file: Path | None = None
    """Certificate (PEM) of the authority that signed the endpoint's or the proxy's."""
    instance_metadata: bool = False
    """Whether credentials may come from the metadata service of the machine."""
    id_key_file: Path | None = None
    """The key that makes people's ids in the cloud; unset: `cloud-ids.key` in the home."""
    metadata: str = Field("sqlite", pattern=r"^(sqlite|dynamodb:[a-zA-Z0-9_.-]{3,255})$")
    """Where it is kept who has which faces: `sqlite`, or `dynamodb:TABLE`."""
    queue: str | None = Field(None, max_length=1024)
    """URL of an SQS queue for what must happen later; unset: the home's own outbox."""
    dead_letters: str | None = Field(None, max_length=1024)
    """URL of that queue's dead-letter queue."""
    documents: DocumentReading = DocumentReading.OFF
    """What reads a document's picture to propose a name: `off`, `rekognition` or `textract`."""
    cloudwatch: bool = False
    """Whether latencies, errors and results are sent to CloudWatch too."""
    metrics: str | None = Field(None, max_length=260)
    """`HOST:PORT` of this machine where Prometheus reads the metrics; unset: nowhere. Whoever
    reaches it reads them: leave it at 127.0.0.1, or see to it that only Prometheus does."""

    sample_every: int = Field(0, ge=0, le=1_000_000)
    """Of how many comparisons one is described in the journal, without saying whose; 0 for none."""

    @field_validator("tps")
    @classmethod
    def _of_operations(cls, tps: dict[str, float]) -> dict[str, float]:
        known = {each.value for each in Operation}
        for name, quota in tps.items():
            if name not in known:
                raise ValueError(f"{name} is no operation that is used: {', '.join(sorted(known))}")
            if quota <= 0.0:
                raise ValueError(
                    f"a quota of {quota:g} for {name} would never send it: write the calls a second"
                    " that AWS allows the account, or remove the line for 5"
                )
        return tps

    @field_validator("metrics")
    @classmethod
    def _an_address(cls, metrics: str | None) -> str | None:
        if metrics is not None:
            host_and_port(metrics)
        return metrics

    @model_validator(mode="after")
    def _whole(self) -> CloudSettings:
        if self.mode is not CloudMode.LOCAL and self.region is None:
            raise ValueError("region must name the AWS region of the collections")
        if self.allowed_regions and self.region not in (None, *self.allowed_regions):
            raise ValueError("region is not one of allowed_regions: faces may not go there")
        if (self.queue is None) is not (self.dead_letters is None):
            raise ValueError("queue and dead_letters go together: set both or neither")
        if self.endpoint is not None and self.fips:
            raise ValueError("endpoint and fips exclude each other: name a FIPS endpoint")
        for name in ("endpoint", "queue", "dead_letters"):
            refuse_bad_url(name, getattr(self, name))
        refuse_bad_url("proxy", self.proxy, plain=True)  # which sees where to, and no more
        return self

    @property
    def asks_a_peer(self) -> bool:
        """True if a server on this machine answers instead of AWS."""
        return is_loopback(self.endpoint)

    @property
    def metrics_address(self) -> tuple[str, int] | None:
        """Where the metrics are read; None for nowhere."""
        return None if self.metrics is None else host_and_port(self.metrics)

    @property
    def used(self) -> bool:
        """True if Rekognition is asked at the door."""
        return self.mode is not CloudMode.LOCAL

    @property
    def rules(self) -> CloudRules:
        """What its answers count at the door. Each face model has a threshold of its own (R46)."""
        scales = {
            space_of(model): Scale(max(LEAST_RELEASE, self.threshold, threshold), self.margin)
            for model, threshold in self.thresholds.items()
        }
        return CloudRules(self.mode, self.when_gone, scales)

    @property
    def sent_threshold(self) -> float:
        """The similarity from which a search names people: it has to show a second person too.

        Whoever is within the margin of one who would be let in makes the answer ambiguous.
        """
        return max(LEAST_SEARCHED, self.threshold - self.margin)
