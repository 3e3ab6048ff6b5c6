"""How far a job of a projector has come that is done in parts, such as a look at all streams."""

from alembic import op

revision = "0004"
down_revision = "0003"

TABLE = """
CREATE TABLE shop_state.bookmarks (
    projector text COLLATE "C" PRIMARY KEY,
    bookmark text NOT NULL
);
"""


def upgrade() -> None:
    """Make the table."""
    op.execute(TABLE)
