"""Commands of the operator: work, seed, cast, code, verify."""

from __future__ import annotations

import click
from flask import Flask

from conference.core import audit


def init_app(app: Flask) -> None:
    """Register the commands."""

    @app.cli.command("work")
    @click.option("--threads", default=2, show_default=True)
    def work(threads: int) -> None:
        """Run the worker: mail, expiry, reminders, reconciliation."""
        from conference import jobs

        jobs.work(app, threads)

    @app.cli.command("verify")
    def verify() -> None:
        """Check the chain of the audit log."""
        broken = audit.first_break()
        if broken is not None:
            raise click.ClickException(f"audit log: broken at position {broken}")
        click.echo(f"audit log: {audit.count()} entries, chain intact")
