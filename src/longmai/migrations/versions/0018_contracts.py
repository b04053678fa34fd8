"""Contracts of assets, what came on them, and the journal, which takes over dividends' vouchers."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0016"


def upgrade() -> None:
    """Apply."""
    _journal()
    _contracts()
    _schedule()
    _receipts()


def _journal() -> None:
    op.create_table(
        "asset_voucher",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("sequence", sa.Integer),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("about", sa.Uuid, nullable=False, index=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("on_day", sa.Date, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("account", sa.String, nullable=False),
        sa.Column("side", sa.String(8), nullable=False),
        sa.Column("amount_fen", sa.BigInteger, nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
        sa.UniqueConstraint("region", "year", "sequence", "position"),
    )
    op.create_index("ix_asset_voucher_region_on_day", "asset_voucher", ["region", "on_day"])
    op.execute(
        """INSERT INTO asset_voucher (record_id, position, region, year, source, about, number,
            on_day, text, code, account, side, amount_fen, sample)
        SELECT record_id, position, region, CAST(EXTRACT(YEAR FROM on_day) AS INTEGER), 'dividend',
            plan_id, number, on_day, text, code, account, side, amount_fen, false
        FROM assets_dividend_voucher"""
        if op.get_bind().dialect.name == "postgresql"
        else """INSERT INTO asset_voucher (record_id, position, region, year, source, about, number,
            on_day, text, code, account, side, amount_fen, sample)
        SELECT record_id, position, region, CAST(substr(on_day, 1, 4) AS INTEGER), 'dividend',
            plan_id, number, on_day, text, code, account, side, amount_fen, 0
        FROM assets_dividend_voucher"""
    )
    op.drop_table("assets_dividend_voucher")


def _contracts() -> None:
    sides = [
        sa.Column(f"{side}_{name}", sa.String(length), nullable=False)
        for side in ("lessor", "tenant")
        for name, length in (("kind", 12), ("key", 64), ("name", 120))
    ]
    op.create_table(
        "asset_contract",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("contract_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("number", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("part", sa.String, nullable=False),
        *sides,
        sa.Column("initials", sa.String(120), nullable=False),
        sa.Column("representative", sa.String, nullable=False),
        *(
            sa.Column(name, sa.Date, nullable=False)
            for name in ("signed_on", "starts_on", "ends_on")
        ),
        sa.Column("total_fen", sa.BigInteger, nullable=False),
        sa.Column("deposit_fen", sa.BigInteger, nullable=False),
        sa.Column("decision", sa.Uuid),
        sa.Column("basis", sa.String, nullable=False),
        sa.Column("renews", sa.Uuid),
        sa.Column("note", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("ended_on", sa.Date),
        sa.Column("on_day", sa.Date, nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
    )
    for name, columns, unique in (
        ("uq_asset_contract_contract_id_version", ["contract_id", "version"], True),
        ("ix_asset_contract_region_number", ["region", "number"], False),
        ("ix_asset_contract_tenant_key", ["tenant_key"], False),
    ):
        op.create_index(name, "asset_contract", columns, unique=unique)
    op.create_table(
        "asset_contract_asset",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("asset_id", sa.Uuid, primary_key=True, index=True),
    )
    op.create_table(
        "asset_contract_filed",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("contract_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("number", sa.String(120), nullable=False),
        sa.Column("office", sa.String(120), nullable=False),
        sa.Column("on_day", sa.Date, nullable=False),
    )


def _schedule() -> None:
    op.create_table(
        "asset_instalment",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("start", sa.Date, nullable=False),
        sa.Column("end", sa.Date, nullable=False),
        sa.Column("amount_fen", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "asset_rent_earned",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("contract_id", sa.Uuid, primary_key=True, index=True),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("amount_fen", sa.BigInteger, nullable=False),
    )


def _receipts() -> None:
    op.create_table(
        "asset_receipt",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("contract_id", sa.Uuid, nullable=False, index=True),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("on_day", sa.Date, nullable=False),
        sa.Column("amount_fen", sa.BigInteger, nullable=False),
        sa.Column("way", sa.String(8), nullable=False),
        sa.Column("payer", sa.String(120), nullable=False),
        sa.Column("serial", sa.String(120), nullable=False),
        sa.Column("note", sa.String, nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
    )
    op.create_index("ix_asset_receipt_region_serial", "asset_receipt", ["region", "serial"])
    op.create_table(
        "asset_receipt_reversed",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("receipt_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("on_day", sa.Date, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
    )
    op.create_table(
        "asset_receipt_banked",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("receipt_id", sa.Uuid, primary_key=True),
        sa.Column("on_day", sa.Date, nullable=False),
        sa.Column("serial", sa.String(120), nullable=False),
    )
    op.create_index(
        "uq_asset_receipt_banked_receipt_id", "asset_receipt_banked", ["receipt_id"], unique=True
    )
