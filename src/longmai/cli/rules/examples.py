"""``longmai rules examples``: cases at the edges of a policy, to be confirmed as its examples."""

from pathlib import Path
from typing import Annotated

import typer

from longmai.cli.rules.files import Language
from longmai.kernel.errors import Unavailable
from longmai.rules.checks.pinning import pins_of
from longmai.rules.checks.solver import is_available
from longmai.rules.policy.library import read_file

_HEAD = (
    "# 请确认每一个例子说的是政策的本意，再粘贴到“示例”下面：",
    "# Confirm that each says what the policy means, then paste it below the examples:",
)


def examples(
    file: Annotated[Path, typer.Argument(help="Policy file.")],
    lang: Language = "zh",
) -> None:
    """Print cases at the edges of a policy as YAML, with what the rule makes of them now.

    Each is to be confirmed by somebody who knows what the policy means; then it goes below the
    other examples of the file. Thresholds that the file's examples do not hold yet are named first.
    Example: `longmai rules examples policy.yaml >> policy.yaml`
    """
    if not is_available():
        raise Unavailable(
            "the solver is not installed",
            code="rules.solver",
            mend="install it: pip install 'longmai[check]'",
        )
    # They need the solver, which is an extra.
    from longmai.rules.checks.boundaries import boundaries_of  # noqa: PLC0415
    from longmai.rules.checks.writing import examples_block  # noqa: PLC0415

    policy = read_file(file)
    chinese = lang == "zh"
    for pin in pins_of(policy):
        if not pin.holds:
            typer.echo(f"# {pin.told('zh' if chinese else 'en')}")
    typer.echo(_HEAD[not chinese])
    typer.echo(examples_block(policy, boundaries_of(policy)), nl=False)
