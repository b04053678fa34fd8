"""``python -m longmai`` is the command line."""

from longmai.cli import main

main()
