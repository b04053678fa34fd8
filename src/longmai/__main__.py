"""``longmai``, or ``python -m longmai``, is the command line."""

import gc


def main() -> None:
    """Load the command line and run it."""
    # Nothing is garbage while modules load, and looking for it takes a tenth of the start.
    gc.disable()
    from longmai.cli import main as run  # noqa: PLC0415 - after the line above

    gc.enable()
    run()


if __name__ == "__main__":
    main()
