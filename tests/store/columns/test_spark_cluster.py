"""A cluster that loses a worker in the middle of a job writes the table that one machine writes."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pyspark
import pytest
from tests.conftest import missing
from tests.store.columns.cluster_rules import KEEP, ROWS, rule, write_people

from longmai.rules.columns.sql import select
from longmai.store.columns.duckdb import DuckDB

HOST = "127.0.0.1"
ROOT = Path(__file__).parents[3]


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


@contextmanager
def daemon(folder: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a part of Spark in a process group of its own, on loopback alone."""
    home = Path(pyspark.__file__).parent
    env = {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": HOST,
        "SPARK_NO_DAEMONIZE": "1",
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_WORKER_DIR": str(folder / "work"),
    }
    folder.mkdir(parents=True)
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(
            [str(home / "bin" / "spark-class"), *words],
            env=env,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield running
    finally:
        kill(running)


def kill(running: subprocess.Popen[bytes]) -> None:
    """End a process and what it started, at once."""
    try:
        os.killpg(running.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    running.wait()


def wait_for(log: Path, words: str, seconds: float = 60) -> None:
    """Wait until a log says something."""
    until = time.monotonic() + seconds
    while words not in log.read_text("utf-8", errors="replace"):
        assert time.monotonic() < until, log.read_text("utf-8", errors="replace")[-3000:]
        time.sleep(0.1)


def locally(people: Path) -> pa.Table:
    """Return the result table of this machine."""
    with DuckDB(memory_mb=300) as duck:
        duck.register_files("person", str(people))
        return duck.run(select(rule().outcome(), "person", duck.dialect, KEEP).order_by("id"))


@pytest.mark.spark
@pytest.mark.slow
def test_a_worker_that_dies_changes_nothing(tmp_path: Path) -> None:
    """Master and two workers on loopback; one is killed, with its executor, in the middle."""
    if shutil.which("java") is None:
        missing("SKIPPED LOUDLY: no Java on this machine, which Spark needs")
    people, out = tmp_path / "people.parquet", tmp_path / "out"
    write_people(people)
    port = free_port()
    master = f"spark://{HOST}:{port}"
    deploy = "org.apache.spark.deploy"
    with ExitStack() as stack:
        ports = ("--host", HOST, "--port", str(port), "--webui-port", "0")
        stack.enter_context(daemon(tmp_path / "master", f"{deploy}.master.Master", *ports))
        wait_for(tmp_path / "master" / "log", "I have been elected leader")
        size = ("--cores", "1", "--memory", "600m", "--webui-port", "0")
        workers = [
            stack.enter_context(
                daemon(tmp_path / name, f"{deploy}.worker.Worker", "--host", HOST, *size, master)
            )
            for name in ("one", "two")
        ]
        for name in ("one", "two"):
            wait_for(tmp_path / name / "log", "Successfully registered with master")
        log = tmp_path / "driver"
        told = stack.enter_context(log.open("wb"))
        words = [sys.executable, "-m", "tests.store.columns.spark_driver", master]
        driver = stack.enter_context(
            subprocess.Popen(
                [*words, str(people), str(out)],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=told,
                text=True,
            )
        )
        stack.callback(driver.kill)
        assert driver.stdout is not None
        assert driver.stdout.readline() == "middle\n", log.read_text("utf-8")[-3000:]
        kill(workers[1])
        last = driver.stdout.readline()
        assert driver.wait() == 0, log.read_text("utf-8")[-3000:]
    assert last == f"rows {ROWS} executors 1\n"
    assert "ExecutorLostFailure" in log.read_text("utf-8") or "Lost executor" in log.read_text(
        "utf-8"
    )
    found = pq.read_table(out).sort_by("id")
    wanted = locally(people)
    assert found.cast(wanted.schema).equals(wanted)
