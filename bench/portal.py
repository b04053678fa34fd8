"""Requests a second of the first page and the scan page, beside a bare page of the same framework.

Run as ``python -m bench.portal``; needs ``wrk`` (a Debian package of that name). Every server runs
on this machine with one and with two processes, one after the other, and wrk beside it: on two
cores the second process shares its core with wrk. The sample season is loaded.
"""

import argparse
import os
import platform
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from playwright.sync_api import sync_playwright

from longmai.domains.brand.sample import first_box_key

_START_S = 120
_LOADED = "performance.timing.loadEventEnd - performance.timing.navigationStart"
_UNITS_MS = {"us": 1e-3, "ms": 1.0, "s": 1e3}

hello = FastAPI(docs_url=None, redoc_url=None)


@hello.get("/", response_class=HTMLResponse)
def say_hello() -> str:
    """Answer with next to nothing."""
    return "<!doctype html><title>hello</title><h1>hello</h1>"


@dataclass(frozen=True)
class Load:
    """What wrk measured."""

    requests_a_second: float
    p50_ms: float
    p99_ms: float


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], port: int) -> Iterator[str]:
    """Run a server in a process group of its own; yield its address once it answers."""
    address = f"http://127.0.0.1:{port}"
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, stdout=quiet, stderr=quiet, start_new_session=True)  # noqa: S603 - our own programs
    try:
        until = time.monotonic() + _START_S
        while not _answers(f"{address}/"):
            if server.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{command[-1]} does not answer")
            time.sleep(0.2)
        yield address
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url):  # noqa: S310 - our own server
            return True
    except OSError:
        return False


def load(url: str, seconds: int, connections: int) -> Load:
    """Have wrk ask for an address, after a second of warming up."""
    wrk = shutil.which("wrk")
    if wrk is None:
        sys.exit("bench.portal needs wrk: install the Debian package of that name")
    asked = [wrk, "-t1", f"-c{connections}", "--latency"]
    subprocess.run([*asked, "-d1", url], check=True, capture_output=True)  # noqa: S603 - wrk
    done = subprocess.run([*asked, f"-d{seconds}", url], check=True, capture_output=True, text=True)  # noqa: S603 - wrk
    if "Non-2xx" in done.stdout:
        raise RuntimeError(done.stdout)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    if rate is None:
        raise RuntimeError(done.stdout)
    return Load(float(rate[1]), _latency(done.stdout, 50), _latency(done.stdout, 99))


def _latency(text: str, percent: int) -> float:
    found = re.search(rf"{percent}%\s+([\d.]+)(us|ms|s)", text)
    if found is None:
        raise RuntimeError(text)
    return float(found[1]) * _UNITS_MS[found[2]]


def measured(options: argparse.Namespace) -> Iterator[tuple[str, int, Load]]:
    """Yield page, number of processes, and what was measured."""
    for workers in (1, 2):
        port = free_port()
        bare = [sys.executable, "-m", "uvicorn", "bench.portal:hello", "--log-level", "error"]
        bare += ["--port", str(port), "--workers", str(workers)]
        with running(bare, port) as address:
            yield "bare", workers, load(f"{address}/", options.seconds, options.connections)
        with TemporaryDirectory() as folder:
            port = free_port()
            ours = [sys.executable, "-m", "longmai", "serve", "--sample", "--data", folder]
            ours += ["--port", str(port), "--workers", str(workers)]
            with running(ours, port) as address:
                time.sleep(3)  # the sample's records take their places
                for name, path in (("home", "/"), ("scan", f"/{first_box_key()}")):
                    found = load(f"{address}{path}", options.seconds, options.connections)
                    yield name, workers, found
                    if workers == 1:
                        milliseconds = interactive_ms(f"{address}{path}")
                        print(f"{name:6} interactive in {milliseconds:.0f} ms (Chromium)")


def interactive_ms(url: str, rounds: int = 7) -> float:
    """Return the median time from asking for a page to its scripts having run, on a phone's width.

    A fresh browser profile each time, so nothing is cached; fonts are the system's.
    """
    program = shutil.which("chromium") or shutil.which("google-chrome")
    taken = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for _ in range(rounds):
            context = browser.new_context(viewport={"width": 390, "height": 844})
            page = context.new_page()
            page.goto(url, wait_until="load")
            if page.locator("[data-verdict]").count():
                page.wait_for_selector("[data-verdict=ok]")
                taken.append(page.evaluate("performance.now()"))
            else:
                taken.append(page.evaluate(_LOADED))
            context.close()
        browser.close()
    return float(statistics.median(taken))


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=10, help="of each measurement")
    parser.add_argument("--connections", type=int, default=16, help="kept open by wrk")
    options = parser.parse_args()
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{machine}, {options.connections} connections")
    print(
        f"{'page':6} {'processes':>9} {'requests/s':>11} {'p50 ms':>8} {'p99 ms':>8} {'of bare':>8}"
    )
    bare: dict[int, float] = {}
    for page, workers, found in measured(options):
        bare.setdefault(workers, found.requests_a_second)
        ratio = found.requests_a_second / bare[workers]
        told = (
            f"{found.requests_a_second:11.0f} {found.p50_ms:8.1f} {found.p99_ms:8.1f} {ratio:8.2f}"
        )
        print(f"{page:6} {workers:9} {told}", flush=True)


if __name__ == "__main__":
    main()
