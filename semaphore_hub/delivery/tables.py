"""Tables of the engine. Times are milliseconds since the epoch, by the database's clock, except business instants.

``lane`` has one row per (partner, ordering key) and is what claims look at: how many rows wait behind a partner that is
down never matters. ``partner_state.next_at`` is the earliest moment at which a partner has something to do, so that one
small row hides all its lanes while it is paused or its breaker is open.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from semaphore_hub.kernel.db import UtcDateTime, metadata

_BIG = BigInteger().with_variant(Integer, "sqlite")

event = Table(
    "event",
    metadata,
    Column("seq", _BIG, primary_key=True, autoincrement=True),
    Column("id", String(36), nullable=False, unique=True),
    Column("type", String(100), nullable=False),
    Column("subject", String(100), nullable=False),
    Column("version", Integer, nullable=False),
    Column("time", UtcDateTime, nullable=False),
    Column("ght", String(20)),
    Column("data", JSON, nullable=False),
    Column("routed", Boolean, nullable=False, default=False),
    UniqueConstraint("subject", "version"),
    Index("ix_event_unrouted", "seq", sqlite_where=text("routed = 0"), postgresql_where=text("NOT routed")),
)

partner = Table(
    "partner",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("connector", String(64), nullable=False),
    Column("label", String(200), nullable=False),
    Column("ght", String(20)),
    Column("siret", String(14)),
    Column("settings", JSON, nullable=False),
    Column("product_version", String(50)),
    Column("channel", String(10), nullable=False),
    Column("retry_schedule", JSON),
    Column("poll_ms", BigInteger, nullable=False),
    Column("breaker_ms", BigInteger, nullable=False),
    Column("fallback_after_ms", BigInteger),
    Column("fallen_back_at", BigInteger),
    Column("paused", Boolean, nullable=False, default=False),
    Column("paused_reason", Text),
    Column("version", Integer, nullable=False, default=1),
    Index("ix_partner_connector", "connector"),
)

partner_state = Table(
    "partner_state",
    metadata,
    Column("partner", String(64), ForeignKey("partner.id"), primary_key=True),
    Column("connector", String(64), nullable=False),
    Column("next_at", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False, default=0),
    Column("failing_since", BigInteger),
    Column("open_until", BigInteger, nullable=False, default=0),
    Column("poll_at", BigInteger, nullable=False, default=0),
    Column("last_error", Text),
    Index("ix_partner_state_due", "connector", "next_at"),
)

partner_day = Table(
    "partner_day",
    metadata,
    Column("partner", String(64), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("ordinal", Integer, nullable=False),
)

lane = Table(
    "lane",
    metadata,
    Column("partner", String(64), primary_key=True),
    Column("key", String(100), primary_key=True),
    Column("pending", Integer, nullable=False, default=0),
    Column("sequence", Integer, nullable=False, default=0),
    Column("next_at", BigInteger, nullable=False),
    Column("fence", Integer, nullable=False, default=0),
    Column("hold", String(20)),
    Index("ix_lane_key", "key"),
    Index(
        "ix_lane_due",
        "partner",
        "next_at",
        sqlite_where=text("pending > 0 AND hold IS NULL"),
        postgresql_where=text("pending > 0 AND hold IS NULL"),
    ),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("event_id", String(36), nullable=False),
    Column("event_type", String(100), nullable=False),
    Column("ght", String(20)),
    Column("partner", String(64), nullable=False),
    Column("connector", String(64), nullable=False),
    Column("channel", String(10), nullable=False),
    Column("lane_key", String(100), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("message_type", String(64), nullable=False),
    Column("contract", String(100), nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("filename", String(200), nullable=False),
    Column("reference", String(200), nullable=False),
    Column("business_ref", String(200)),
    Column("headers", JSON, nullable=False),
    Column("losses", JSON, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("idempotency_key", String(36), nullable=False),
    Column("ordering", String(10), nullable=False),
    Column("acknowledgement", Boolean, nullable=False),
    Column("deadline_ms", BigInteger),
    Column("attempts", Integer, nullable=False, default=0),
    Column("manual", Boolean, nullable=False, default=False),
    Column("created_at", BigInteger, nullable=False),
    Column("sent_at", BigInteger),
    Column("due_at", BigInteger),
    Column("settled_at", BigInteger),
    Column("reason", Text),
    Column("code", String(100)),
    Column("findings", JSON),
    Column("answer", JSON),
    Column("replaces_id", String(36)),
    Column("replaced_by", String(36)),
    Index(
        "ix_delivery_head",
        "partner",
        "lane_key",
        "position",
        sqlite_where=text("state IN ('PENDING', 'RETRYING', 'SENDING', 'DEAD')"),
        postgresql_where=text("state IN ('PENDING', 'RETRYING', 'SENDING', 'DEAD')"),
    ),
    Index("ix_delivery_lane", "partner", "lane_key", "position"),
    Index("ix_delivery_event", "event_id"),
    Index("ix_delivery_reference", "partner", "reference"),
    Index("ix_delivery_subject", "lane_key"),
    Index(
        "ix_delivery_due",
        "due_at",
        sqlite_where=text("state = 'SENT'"),
        postgresql_where=text("state = 'SENT'"),
    ),
)

attempt = Table(
    "attempt",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("delivery_id", String(36), ForeignKey("delivery.id"), nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("trigger", String(10), nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger, nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("status", Integer),
    Column("receipt", String(200)),
    Column("error", Text),
    Column("excerpt", Text),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("source", String(64), nullable=False),
    Column("message_id", String(200), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("ght", String(20)),
    Column("channel", String(10), nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("status", String(20), nullable=False),
    Column("contract", String(100)),
    Column("reason", Text),
    Column("findings", JSON),
    Column("warnings", JSON),
    Column("deliveries", JSON),
    Column("copies", Integer, nullable=False, default=0),
    UniqueConstraint("source", "message_id", "sha256"),
    Index("ix_inbox_status", "status"),
)
