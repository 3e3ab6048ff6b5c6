"""What projectors keep: positions, generations, cursors, parked streams, unreadable records, mails."""

from alembic import op

revision = "0003"
down_revision = "0002"

TABLES = """
CREATE TABLE shop_state.projectors (
    projector text COLLATE "C" PRIMARY KEY,
    feed text NOT NULL,
    position text NOT NULL
);

CREATE TABLE shop_state.projection_generations (
    projector text COLLATE "C" NOT NULL,
    number integer NOT NULL,
    folds integer NOT NULL,
    status text NOT NULL,
    PRIMARY KEY (projector, number),
    CONSTRAINT a_generation_has_a_status CHECK (status IN ('building', 'live', 'retired', 'dropped'))
);
CREATE UNIQUE INDEX one_generation_builds_one_lives ON shop_state.projection_generations (projector, status)
    WHERE status IN ('building', 'live');

CREATE TABLE shop_state.projection_cursors (
    projector text COLLATE "C" NOT NULL,
    generation integer NOT NULL,
    stream text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    version bigint NOT NULL,
    event_id text NOT NULL,
    PRIMARY KEY (projector, generation, stream)
) WITH (fillfactor = 70);

CREATE TABLE shop_state.parked_streams (
    projector text COLLATE "C" NOT NULL,
    generation integer NOT NULL,
    stream text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    error text NOT NULL,
    attempts integer NOT NULL,
    newest bigint NOT NULL,
    PRIMARY KEY (projector, generation, stream)
);

CREATE TABLE shop_state.unreadable_records (
    projector text COLLATE "C" NOT NULL,
    position text COLLATE "C" NOT NULL,
    reason text NOT NULL,
    met bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    PRIMARY KEY (projector, position)
);

CREATE TABLE shop_state.mail_queue (
    event_id text PRIMARY KEY,
    template text NOT NULL,
    stream text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    happened_at timestamptz NOT NULL,
    status text NOT NULL,
    recipient text NOT NULL,
    attempts integer NOT NULL,
    error text NOT NULL,
    due_at timestamptz,
    settled_at timestamptz
);
CREATE INDEX mails_that_go_on ON shop_state.mail_queue (happened_at) WHERE status IN ('pending', 'sending');
CREATE INDEX mails_by_time ON shop_state.mail_queue (happened_at, event_id);
"""


def upgrade() -> None:
    """Make the tables beside Alembic's own."""
    op.execute(TABLES)
