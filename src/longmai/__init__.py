"""Longmai 陇脉: one open platform for the digital systems a province needs."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("longmai")
except PackageNotFoundError:  # run from a source tree that was not installed
    __version__ = "0"
