"""Duty: one process of several does the work, and another goes on where it ends."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from longmai.store.duty import Duty

HOLD = """
import sys, time
from pathlib import Path
from longmai.store.duty import Duty
duty = Duty(Path(sys.argv[1]), lambda: lambda: None)
duty.start()
print(duty.held, flush=True)
time.sleep(60)
"""


def test_one_alone_is_on_duty_at_once(tmp_path: Path) -> None:
    """It begins, and ends when it is told to."""
    done: list[str] = []

    def begin() -> object:
        done.append("begun")
        return lambda: done.append("ended")

    duty = Duty(tmp_path / "lock", begin)  # type: ignore[arg-type] # append returns None
    duty.start()
    assert duty.held
    duty.stop()
    assert done == ["begun", "ended"]
    assert not duty.held


def test_the_next_goes_on_when_one_is_killed(tmp_path: Path) -> None:
    """A second waits, and takes over from a process that was killed."""
    command = [sys.executable, "-c", HOLD, str(tmp_path / "lock")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline().strip() == "True"
        duty = Duty(tmp_path / "lock", lambda: lambda: None)
        duty.start()
        assert not duty.held
        first.kill()
        first.wait()
    assert soon(lambda: duty.held)
    duty.stop()


def soon(holds: Callable[[], bool]) -> bool:
    """Wait until something holds, half a minute at most."""
    until = time.monotonic() + 30
    while not holds() and time.monotonic() < until:
        time.sleep(0.05)
    return holds()


def test_who_waits_can_be_stopped(tmp_path: Path) -> None:
    """Without ever having been on duty."""
    first = Duty(tmp_path / "lock", lambda: lambda: None)
    second = Duty(tmp_path / "lock", lambda: lambda: None)
    first.start()
    second.start()
    second.stop()
    assert first.held
    first.stop()
