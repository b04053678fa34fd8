"""``longmai assets meetings …``: list meetings, show one with the law's word on it."""

import json
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from longmai.domains.assets.meetings.api import detail_of
from longmai.domains.assets.meetings.minutes import minutes_pdf
from longmai.domains.assets.meetings.queries import meeting_of, meetings, state_of
from longmai.domains.assets.meetings.views import view_of
from longmai.domains.assets.members.queries import organisation_of
from longmai.portal.commands import DataFolder, house_for
from longmai.portal.rendering import Words
from longmai.store.table_window import Window

app = typer.Typer(name="meetings", help="Meetings and decisions.", no_args_is_help=True)


@app.command("list")
def list_meetings(
    context: typer.Context,
    region: Annotated[str, typer.Argument(help="Code, as short as is known; empty: all.")] = "",
    data: DataFolder = None,
) -> None:
    """List meetings, newest first.

    Example: `longmai assets meetings list 990102`
    """
    with house_for(context, data).store.read() as connection:
        _, rows = meetings(connection, "", Window("held", size=10_000), region)
    for row in rows:
        typer.echo(f"{row.meeting_id}  {row.held_on}  {state_of(row.ended):<9}  {row.title}")


@app.command("show")
def show_meeting(
    context: typer.Context,
    meeting: Annotated[UUID, typer.Argument(help="ID of the meeting.")],
    data: DataFolder = None,
    language: Annotated[str, typer.Option("--lang", help="zh or en.")] = "zh",
    minutes: Annotated[Path | None, typer.Option("--minutes", help="Write minutes here.")] = None,
) -> None:
    """Show a meeting as JSON: quorum, tallies, the law clause by clause; write its minutes as PDF.

    Example: `longmai assets meetings show 0197… --minutes minutes.pdf`
    """
    house = house_for(context, data)
    with house.store.read() as connection:
        told = detail_of(house, connection, meeting, language)
        found = meeting_of(connection, meeting)
        view = view_of(house, connection, found, language)
        name = organisation_of(connection, found.region).name
    typer.echo(json.dumps(told, default=str, ensure_ascii=False, indent=2))
    if minutes is not None:
        address = f"{house.settings.public_url}/assets/meetings/{meeting}"
        minutes.write_bytes(minutes_pdf(view, name, address, Words(house, language)))
