"""Real Celery workers and a real beat, as processes that a test may kill."""

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Crew:
    """Some workers, each with its children, and one beat, on one database and one sink."""

    environment: dict[str, str]
    folder: Path
    size: int = 2
    workers: list[subprocess.Popen] = field(default_factory=list)
    beats: list[subprocess.Popen] = field(default_factory=list)

    def start(self, beats: int = 1) -> "Crew":
        self.workers = [self._celery("worker", "--concurrency", "2") for _ in range(self.size)]
        self.ring(beats)
        return self

    def ring(self, beats: int = 1) -> None:
        """Start so many beats more, each with a schedule of its own."""
        for _ in range(beats):
            self.beats.append(self._celery("beat", "--schedule", str(self.folder / f"beat{len(self.beats)}")))

    def _celery(self, kind: str, *options: str) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "config", kind, "--loglevel", "warning", *options]
            + (
                ["--without-gossip", "--without-mingle", "--hostname", f"{random.random()}@test"]
                if kind == "worker"
                else []
            ),
            cwd=ROOT,
            env={**os.environ, **self.environment},
            stdout=open(self.folder / f"{kind}.log", "a"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def kill_one(self, rng: random.Random) -> None:
        """Kill -9 some process of some worker: mostly a child, which dials; now and then the whole worker."""
        place = rng.randrange(len(self.workers))
        worker = self.workers[place]
        try:
            children = psutil.Process(worker.pid).children()
        except psutil.NoSuchProcess:
            children = []
        if children and rng.random() < 0.9:
            rng.choice(children).kill()
            return
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        self.workers[place] = self._celery("worker", "--concurrency", "2")

    def deploy(self) -> None:
        """Put another worker in the place of each, as a deployment does: ask it to stop, and wait until it has."""
        for place, worker in enumerate(self.workers):
            worker.terminate()
            worker.wait(60)
            self.workers[place] = self._celery("worker", "--concurrency", "2")

    def pause(self, seconds: float, rng: random.Random) -> None:
        """Stop the clock for a child that may be dialling, as a machine does that is moved or swaps."""
        worker = psutil.Process(rng.choice(self.workers).pid)
        children = worker.children()
        if not children:
            return
        child = rng.choice(children)
        child.suspend()
        time.sleep(seconds)
        child.resume()

    def stop(self) -> None:
        for process in [*self.workers, *self.beats]:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
