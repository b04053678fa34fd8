"""Judges people on a cluster of Spark, in a process of its own; says when some tasks are done."""

import sys
import threading
import time
from pathlib import Path

from tests.store.columns.cluster_rules import KEEP, rule

from longmai.rules.columns.sql import select
from longmai.store.columns.spark import Spark


def main() -> None:
    """Write the result table; say ``middle`` once a few tasks are done."""
    master, people, out = sys.argv[1:]
    spark = Spark(
        master,
        settings={
            "spark.executor.memory": "512m",
            "spark.executor.cores": "1",
            "spark.sql.files.maxPartitionBytes": str(Path(people).stat().st_size // 24),
            "spark.sql.files.openCostInBytes": "0",
            # One core for each of two executors: many tasks are left when one of them goes.
            "spark.cores.max": "2",
        },
    )
    spark.register_files("person", people)
    query = select(rule().outcome(), "person", spark.dialect, KEEP)
    done: list[int] = []
    job = threading.Thread(target=lambda: done.append(spark.write(query, out)))
    job.start()
    tracker = spark.session.sparkContext.statusTracker()
    executors = spark.session.sparkContext._jsc.sc().getExecutorMemoryStatus
    while job.is_alive():
        stages = [tracker.getStageInfo(each) for each in tracker.getActiveStageIds()]
        # The driver counts as one.
        if executors().size() == 3 and any(s and s.numCompletedTasks >= 3 for s in stages):
            sys.stdout.write("middle\n")
            sys.stdout.flush()
            break
        time.sleep(0.02)
    job.join()
    sys.stdout.write(f"rows {done[0]} executors {executors().size() - 1}\n")
    sys.stdout.flush()
    spark.close()


if __name__ == "__main__":
    main()
