"""disputes in the ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

BEFORE = ('charge', 'credit', 'payment', 'refund')
AFTER = (*BEFORE, 'dispute', 'dispute_won')


def upgrade() -> None:
    op.create_table('card_dispute',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=22), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('checkout_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('open', 'under_review', 'won', 'lost', 'closed', name='disputestate_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('dispute_id', sa.String(length=120), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('taken_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('reason', sa.String(length=60), nullable=False),
    sa.Column('evidence_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_card_dispute_amount_positive')),
    sa.ForeignKeyConstraint(['checkout_id'], ['checkout_attempt.id'], name=op.f('fk_card_dispute_checkout_id')),
    sa.ForeignKeyConstraint(['order_id'], ['order.id'], name=op.f('fk_card_dispute_order_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_card_dispute')),
    sa.UniqueConstraint('dispute_id', name=op.f('uq_card_dispute_dispute_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_card_dispute_public_id'))
    )
    with op.batch_alter_table('card_dispute', schema=None) as batch_op:
        batch_op.create_index('ix_card_dispute_order_id', ['order_id'], unique=False)
        batch_op.create_index('ix_card_dispute_state', ['state'], unique=False)
    _kinds_of_entries(AFTER, with_method="'payment', 'refund', 'dispute', 'dispute_won'")


def downgrade() -> None:
    """Refused by the database while an entry of a dispute stands in the ledger."""
    _kinds_of_entries(BEFORE, with_method="'payment', 'refund'")
    with op.batch_alter_table('card_dispute', schema=None) as batch_op:
        batch_op.drop_index('ix_card_dispute_state')
        batch_op.drop_index('ix_card_dispute_order_id')
    op.drop_table('card_dispute')


def _kinds_of_entries(kinds: tuple[str, ...], *, with_method: str) -> None:
    """Change the two CHECKs that name the kinds; SQLite can only copy the table for that."""
    has_method = f"(kind IN ({with_method})) = (method IS NOT NULL)"
    if op.get_bind().dialect.name != 'sqlite':
        named = ", ".join(f"'{kind}'" for kind in kinds)
        for name, rule in (
            ('ck_ledger_entry_money_has_a_method', has_method),
            ('ck_ledger_entry_entrykind_known', f"kind IN ({named})"),
        ):
            op.drop_constraint(op.f(name), 'ledger_entry', type_='check')
            op.create_check_constraint(op.f(name), 'ledger_entry', rule)
        return
    table = sa.Table(
        'ledger_entry',
        sa.MetaData(),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('public_id', sa.String(length=22), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('order_id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.Enum(*kinds, name='ck_ledger_entry_entrykind_known', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('method', sa.Enum('card', 'transfer', 'cash', name='ck_ledger_entry_method_known', native_enum=False, create_constraint=True, length=40), nullable=True),
        sa.Column('amount_minor', sa.BigInteger(), nullable=False),
        sa.Column('currency', sa.String(length=3), nullable=False),
        sa.Column('source', sa.String(length=120), nullable=False),
        sa.Column('booked_on', sa.Date(), nullable=False),
        sa.Column('note', sa.Text(), nullable=False),
        sa.Column('by_id', sa.Integer(), nullable=True),
        sa.CheckConstraint(has_method, name=op.f('ck_ledger_entry_money_has_a_method')),
        sa.CheckConstraint('amount_minor > 0', name=op.f('ck_ledger_entry_amount_positive')),
        sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_ledger_entry_by_id')),
        sa.ForeignKeyConstraint(['order_id'], ['order.id'], name=op.f('fk_ledger_entry_order_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_entry')),
        sa.UniqueConstraint('kind', 'source', name=op.f('uq_ledger_entry_kind_source')),
        sa.UniqueConstraint('public_id', name=op.f('uq_ledger_entry_public_id')),
    )
    sa.Index('ix_ledger_entry_order_id', table.c.order_id)
    with op.batch_alter_table('ledger_entry', copy_from=table, recreate='always'):
        pass
