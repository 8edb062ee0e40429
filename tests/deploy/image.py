"""Runs a Dockerfile's steps without Docker: `unshare --mount python image.py DOCKERFILE CONTEXT SCRATCH`.

The base image cannot be fetched on every machine, so this machine's own system stands for it: each stage is an overlay
over `/`, with this Python in the place of the image's. The last stage is then started as its USER, in a network of its
own, and asked by its HEALTHCHECK. Needs root.
"""

import fcntl
import json
import os
import re
import shlex
import shutil
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

INTERPRETER = Path(os.path.realpath(sys.executable))
STARTED_SECONDS = 180
UP, GET_FLAGS, SET_FLAGS = 0x1, 0x8913, 0x8914


def read_instructions(file: Path) -> Iterator[tuple[str, str]]:
    """The instructions of a Dockerfile, lines that go on joined."""
    lines = [line for line in file.read_text().splitlines() if not line.startswith("#")]
    for whole in re.sub(r"\\\n", " ", "\n".join(lines)).splitlines():
        if whole.strip():
            word, _, rest = whole.partition(" ")
            yield word, rest.strip()


@dataclass
class Stage:
    """A file system that grows by instructions, and what a container of it starts with."""

    root: Path
    name: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    user: str = "0:0"
    command: dict[str, list[str]] = field(default_factory=dict)

    def enter(self) -> None:
        """Become a process inside; for a fork that is about to start a program."""
        os.chroot(self.root)
        os.chdir(self.folder)
        user, group = map(int, self.user.split(":"))
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)

    def start(self, command: list[str], output: Any = None) -> "subprocess.Popen[bytes]":
        """Start a program inside."""
        # How this machine reaches its package index is not the Dockerfile's business, but pip has to know it.
        passed = {
            name: text
            for name, text in os.environ.items()
            if name.startswith(("PIP_", "SSL_", "HTTP", "http"))
        }
        path = f"{INTERPRETER.parent}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
        environment = {"PATH": path} | passed | self.environment
        return subprocess.Popen(
            command,
            env=environment,
            preexec_fn=self.enter,  # noqa: PLW1509 - there is one thread
            stdout=output,
            stderr=output,
        )

    def run(self, command: list[str]) -> int:
        """Run a program inside; its exit code."""
        return self.start(command).wait()


def make_stage(scratch: Path, name: str) -> Stage:
    """A stage over this machine's system."""
    place = scratch / (name or "last")
    for part in ("upper", "work", "root"):
        (place / part).mkdir(parents=True)
    layers = f"lowerdir=/,upperdir={place}/upper,workdir={place}/work"
    subprocess.run(["mount", "-t", "overlay", "overlay", "-o", layers, place / "root"], check=True)
    root = place / "root"
    subprocess.run(["mount", "-t", "proc", "proc", root / "proc"], check=True)
    for device in ("null", "urandom", "zero"):
        (root / "dev" / device).touch()
        subprocess.run(["mount", "--bind", f"/dev/{device}", root / "dev" / device], check=True)
    for parent in INTERPRETER.parents:
        inside = root / parent.relative_to("/")
        inside.chmod(inside.stat().st_mode | 0o011)
    return Stage(root, name)


def copy(sources: list[Path], target: Path, folder: bool) -> None:
    """Copy as COPY does: what is in a folder, not the folder."""
    for source in sources:
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
        else:
            target.mkdir(parents=True, exist_ok=True) if folder else target.parent.mkdir(
                parents=True, exist_ok=True
            )
            shutil.copy(source, target)


def apply(stages: list[Stage], word: str, rest: str, context: Path, scratch: Path) -> None:
    """Do one instruction."""
    if word == "FROM":
        stages.append(make_stage(scratch, rest.partition(" AS ")[2]))
    elif stages:
        apply_inside(stages, word, rest, context)
    elif word != "ARG":
        raise ValueError(f"{word} before FROM")


def apply_inside(stages: list[Stage], word: str, rest: str, context: Path) -> None:
    """Do one instruction in the last stage."""
    stage = stages[-1]
    if word == "ENV":
        stage.environment |= dict(part.split("=", 1) for part in shlex.split(rest))
    elif word == "WORKDIR":
        stage.folder = rest
        (stage.root / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
    elif word == "RUN":
        if code := stage.run(["sh", "-c", rest]):
            raise SystemExit(f"RUN {rest} ended with {code}")
    elif word == "COPY":
        apply_copy(stages, shlex.split(rest), context)
    elif word == "USER":
        stage.user = rest
    elif word in ("ENTRYPOINT", "CMD", "HEALTHCHECK"):
        stage.command[word] = json.loads(rest[rest.index("[") :])
    elif word not in ("ARG", "EXPOSE", "VOLUME", "STOPSIGNAL", "LABEL"):
        raise ValueError(f"{word} is not an instruction that is understood here")


def apply_copy(stages: list[Stage], names: list[str], context: Path) -> None:
    """Copy from the context, or from the stage that `--from` names, into the last stage."""
    stage, origin = stages[-1], context
    if names[0].startswith("--from="):
        origin = next(
            each.root for each in stages if each.name == names.pop(0).removeprefix("--from=")
        )
    *sources, target = names
    place = stage.root / os.path.join(stage.folder, target).lstrip("/")
    copy([origin / name.lstrip("/") for name in sources], place, target.endswith("/"))


def isolate() -> None:
    """Leave this machine's network for one that has nothing but itself."""
    os.unshare(os.CLONE_NEWNET) if hasattr(os, "unshare") else unshare_network()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plug:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(plug, GET_FLAGS, request))[1]
        fcntl.ioctl(plug, SET_FLAGS, struct.pack("16sH14x", b"lo", flags | UP))


def unshare_network() -> None:
    """`os.unshare`, before Python 3.12 had it."""
    import ctypes  # noqa: PLC0415 - only where it is needed

    if ctypes.CDLL(None).unshare(0x40000000):
        raise OSError("this machine gives no network namespaces")


def main(dockerfile: Path, context: Path, scratch: Path) -> None:
    """Build, start, ask, stop."""
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", scratch], check=True)
    stages: list[Stage] = []
    for word, rest in read_instructions(dockerfile):
        print(word, rest, flush=True)
        apply(stages, word, rest, context, scratch)
    last = stages[-1]
    isolate()
    log = scratch / "server.log"
    with log.open("wb") as output:
        server = last.start([*last.command["ENTRYPOINT"], *last.command["CMD"]], output)
    deadline = time.monotonic() + STARTED_SECONDS
    while last.start(last.command["HEALTHCHECK"], subprocess.DEVNULL).wait():
        if server.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(
                f"not healthy; the server ended with {server.poll()}: {log.read_text()}"
            )
        time.sleep(0.2)
    server.terminate()
    print("healthy; ended with", server.wait(), flush=True)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
