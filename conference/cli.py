"""Commands of the operator: work, seed, cast, code, backup, restore, verify."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from flask import Flask

from conference import backup, schema
from conference.core import audit
from conference.extensions import db


def _in_words(act: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    try:
        return act(*arguments)
    except backup.BackupError as error:
        raise click.ClickException(str(error)) from error


def init_app(app: Flask) -> None:
    """Register the commands."""
    if click.get_current_context(silent=True) is not None:
        schema.attach(app)

    @app.cli.command("work")
    @click.option("--threads", default=2, show_default=True)
    def work(threads: int) -> None:
        """Run the worker: mail, expiry, reminders, reconciliation."""
        from conference import jobs

        jobs.work(app, threads)

    _sample(app)
    _people(app)
    _copies(app)

    @app.cli.command("verify")
    @click.option("--head", help="A head from the worker's log: so a tail that was cut is found.")
    def verify(head: str | None) -> None:
        """Check the chain of the audit log."""
        broken = audit.first_break()
        if broken is not None:
            raise click.ClickException(f"audit log: broken at position {broken}")
        try:
            whole = head is None or audit.holds(head)
        except ValueError as error:
            raise click.ClickException("a head is POSITION:DIGEST") from error
        if not whole:
            raise click.ClickException(f"audit log: the entry of {head} is gone")
        click.echo(f"audit log: {audit.count()} entries, chain intact, head {audit.head()}")


def _people(app: Flask) -> None:
    @app.cli.command("administrator")
    @click.argument("address")
    def make_administrator(address: str) -> None:
        """Give somebody the administrator's role in all editions, for two years."""
        from conference.accounts import people
        from conference.core import clock
        from conference.core.permissions import Role
        from conference.editions import roles

        person = people.find_or_make(address, locale=None)
        ends_on = clock.now().date() + timedelta(days=730)
        roles.grant(person=person, edition=None, role=Role.ADMINISTRATOR, ends_on=ends_on, by=None)
        db.session.commit()
        click.echo(f"{address} may sign in at {app.config['BASE_URL']}/sign-in")

    @app.cli.command("code")
    @click.argument("email", required=False)
    def code(email: str | None) -> None:
        """Print the second-factor codes of this moment, for the demo's cast or one of it."""
        from conference.accounts import demo_codes

        if app.config["ENVIRONMENT"] == "production":
            raise click.ClickException("codes are printed only in the demo and in tests")
        for name, now, seconds in demo_codes.now(email):
            click.echo(f"{now}  {name}  ({seconds} s left)")

    @app.cli.command("second-factor-off")
    @click.argument("email")
    def second_factor_off(email: str) -> None:
        """Switch the second step of somebody off who lost phone and recovery codes."""
        from conference.accounts import people
        from conference.accounts.service import second_factor
        from conference.extensions import db

        person = people.by_email(email)
        if person is None or not person.has_second_factor:
            raise click.ClickException("nobody with this address has a second step")
        second_factor.remove(person=person, at=None, by=None)
        db.session.commit()
        click.echo("switched off; all sessions are ended and the person is told by mail")


def _copies(app: Flask) -> None:
    @app.cli.command("backup")
    @click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
    def make_backup(target: Path) -> None:
        """Write database and files into one .tar file."""
        made = _in_words(backup.backup, app, target.absolute())
        click.echo(f"{target}: {made['database']}, {len(made['sha256'])} files, each with its hash")

    @app.cli.command("restore")
    @click.argument("source", type=click.Path(path_type=Path, exists=True, dir_okay=False))
    @click.option(
        "--erased",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="A journal of erasures, or a later backup: who was erased since is erased again.",
    )
    def bring_back(source: Path, erased: Path | None) -> None:
        """Put a backup into an empty installation; it stays quiet until `flask resume`."""
        made = _in_words(backup.restore, app, source, erased)
        click.echo(f"restored {len(made['sha256'])} files of {made['made_at']}, hashes checked")
        if made["erased"] is None:
            click.echo("It is of an older version. Next: flask db upgrade")
        else:
            click.echo(f"erased again, because they had left since: {made['erased']}")
        click.echo("It sends no mail and moves no money until: flask resume")

    @app.cli.command("resume")
    def resume() -> None:
        """Let a restored copy send mail and move money."""
        try:
            click.echo("resumed" if backup.resume(app) else "it was not held")
        except backup.BackupError as error:
            raise click.ClickException(str(error)) from error


def _sample(app: Flask) -> None:
    @app.cli.command("seed")
    @click.option("--yes", is_flag=True, help="In production too, where nobody gets a password.")
    def seed(yes: bool) -> None:
        """Fill an empty database with the sample: invented people, editions, orders."""
        from seeds import loader

        demo = app.config["ENVIRONMENT"] != "production"
        if not demo and not yes:
            raise click.ClickException("this is production: flask seed --yes if you mean it")
        try:
            made = loader.load(files=app.config["FILES_DIR"], demo=demo)
        except loader.NotEmpty as error:
            raise click.ClickException(str(error)) from error
        click.echo("Loaded " + ", ".join(f"{count} {what}" for what, count in made.items()) + ".")

    @app.cli.command("cast")
    def cast() -> None:
        """List the people of the sample who can sign in, and how."""
        from seeds import cast as people

        click.echo(people.table(app.config))
