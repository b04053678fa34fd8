"""What domains' commands share: the data option, and the house the command line opens for them."""

from pathlib import Path
from typing import Annotated

import typer

from longmai.kernel.settings import load_settings
from longmai.portal.house import House

DataFolder = Annotated[Path | None, typer.Option("--data", help="Data folder (LONGMAI_DATA).")]


def house_for(context: typer.Context, data: Path | None = None) -> House:
    """Open the house for a command; ``longmai.cli`` put the builder on the context."""
    built = context.obj(load_settings(data=data))
    if not isinstance(built, House):
        raise TypeError("the command line was started without a house builder")
    return built
