"""Granian for a register: one server per port and data directory, with its workers."""

import asyncio
import errno
import gc
import logging
import multiprocessing
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from granian import Granian
from granian.constants import Interfaces

from terrafirma.asgi.bridge import Bridge
from terrafirma.asgi.connections import end_silent_connections
from terrafirma.config import Settings
from terrafirma.errors import ConfigurationError
from terrafirma.factory import create_app
from terrafirma.http.app.context import EXTENSION, AppState
from terrafirma.storage.engine.shared_counters import begin_counters
from terrafirma.storage.private_files import make_folder
from terrafirma.telemetry import get_logger
from terrafirma.worker import work_until_told

FINISH_SECONDS = 9
"""How long a worker may take to finish what is in flight; `docker stop` kills after ten seconds."""
CLIENT_SECONDS = 4
"""How long clients may then take for what they still send or read."""
ENDING = (signal.SIGTERM, signal.SIGINT)
WATCH_SECONDS = 0.5
"""Seconds within which a worker notices that its main process is gone."""


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Lock the port and the data directory; raise ConfigurationError if another server has them."""
    make_folder(settings.data)
    lock = FileLock(settings.data / "server.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise ConfigurationError(
            f"Another server already runs on {settings.data}; stop it or name another --data."
        ) from None
    try:
        if settings.socket_path is not None:
            clear_socket(settings.socket_path)
            yield
            return
        with claim_port(settings.host, settings.port):
            check_port(settings.host, settings.port)
            yield
    finally:
        lock.release()


def clear_socket(path: Path) -> None:
    """Remove the socket of a server that was killed; ConfigurationError if someone listens there."""
    if not path.is_socket():
        if path.exists() or not path.parent.is_dir():
            raise ConfigurationError(f"Cannot listen on {path}: it is no place for a socket.")
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
            return
        except OSError as error:
            raise ConfigurationError(f"Cannot listen on {path}: {error.strerror}.") from None
    raise ConfigurationError(f"{path} is taken; stop who is there or name another socket.")


@contextmanager
def claim_port(host: str, port: int) -> Iterator[None]:
    """Keep a port's name on this machine, or Unusable: of two servers that start at once, both find the port free.

    An abstract socket lives as long as its process and its forks. Only Linux has them, and only there
    does Granian share a port.
    """
    if sys.platform != "linux":
        yield
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as claim:
        try:
            claim.bind(f"\0terrafirma {host}:{port}")
        except OSError:
            raise port_taken(host, port) from None
        yield


def port_taken(host: str, port: int) -> ConfigurationError:
    """The refusal for a port that someone listens on."""
    return ConfigurationError(
        f"Port {port} of {host} is taken; stop who is there or name another --port."
    )


def check_port(host: str, port: int) -> None:
    """Raise ConfigurationError if the address is in use; Granian itself would share the port
    silently."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise port_taken(host, port) from None
            raise ConfigurationError(
                f"Cannot listen on {host}, port {port}: {error.strerror}."
            ) from None
        except OverflowError:
            raise ConfigurationError(f"{port} is not a port; ports go from 1 to 65535.") from None


def pass_signals_on() -> None:
    """Let a fork end by a signal that reaches it before Granian listens there: a copy of our handler would lose it."""
    if sys.platform != "win32":
        os.register_at_fork(
            before=partial(signal.pthread_sigmask, signal.SIG_BLOCK, ENDING),
            after_in_parent=partial(signal.pthread_sigmask, signal.SIG_UNBLOCK, ENDING),
            after_in_child=begin_anew,
        )


def begin_anew() -> None:
    """Take signals as a new process does, those that came meanwhile too."""
    for sent in ENDING:
        signal.signal(sent, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)


def load_app(settings: Settings, main: int) -> Any:
    """The app of a worker, which ends with its main process."""
    threading.Thread(target=end_with, args=(main,), daemon=True, name="watch-main").start()
    app = create_app(settings)
    state: AppState = app.extensions[EXTENSION]
    share_tally(state)
    served = Bridge(
        app.wsgi_app, settings.threads + settings.max_streams, settings.send_seconds, settings.data
    )
    # Granian's handlers are set when the loop runs, so ours come after them.
    asyncio.get_event_loop().call_soon(begin_serving, state, served)
    # What is here now stays, so the garbage collector need not look through it again and again.
    gc.collect()
    gc.freeze()
    return served


def share_tally(state: AppState) -> None:
    """Count where all processes see it; a full disk is no reason not to serve."""
    try:
        state.requests.tally.share(state.settings.tallies)
    except OSError as error:
        get_logger().warning("tallies", error=str(error))


def begin_serving(state: AppState, bridge: Bridge) -> None:
    """Prepare for the end of this process, in its event loop."""
    end_silent_connections(state.settings.port, state.settings.send_seconds)
    heard, told = socket.socketpair()
    told.setblocking(False)
    # Detached: it stays open for as long as the process lives. Python knows one such socket, the loop's until now.
    loops = signal.set_wakeup_fd(told.detach())
    stop = partial(stop_with, state, bridge, asyncio.get_running_loop(), heard, loops)
    threading.Thread(target=stop, daemon=True, name="stop").start()


def stop_with(
    state: AppState,
    bridge: Bridge,
    loop: asyncio.AbstractEventLoop,
    heard: socket.socket,
    loops: int,
) -> None:
    """Stop endless responses once a signal asks this process to end: Granian waits for them."""
    while sent := heard.recv(1):
        os.write(loops, sent)
        if sent[0] in ENDING:
            break
    state.stopping.set()
    loop.call_soon_threadsafe(loop.call_later, CLIENT_SECONDS, bridge.abort_all)
    while sent := heard.recv(1):
        os.write(loops, sent)


def end_with(main: int) -> None:
    """End this process once its parent changes: a killed main process cannot stop it."""
    pause = threading.Event()
    while os.getppid() == main:
        pause.wait(WATCH_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def worker_beside(settings: Settings, is_ending: Callable[[], bool]) -> Iterator[None]:
    """Run a worker process meanwhile, restarting it if it dies; it ends together with the server."""
    if not settings.job_threads:
        yield
        return
    over = threading.Event()
    # The first one before anything is forked: what a thread locks meanwhile would stay locked in Granian's workers.
    keeper = threading.Thread(
        target=keep_worker,
        args=(settings, start_worker(settings), over, is_ending),
        name="keep-worker",
    )
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()


def start_worker(settings: Settings) -> SpawnProcess:
    """Start a worker process that ends with this process."""
    # Not a fork, which would hold this server's port and locks.
    spawn = multiprocessing.get_context("spawn")
    worker = spawn.Process(target=work_until_told, args=(settings, os.getpid()), name="worker")
    worker.start()
    return worker


def keep_worker(
    settings: Settings,
    worker: SpawnProcess,
    over: threading.Event,
    is_ending: Callable[[], bool],
) -> None:
    """Restart a worker that ended by itself, until the server ends; then stop it."""
    # Not only at the server's end: each may take as long as there is in all.
    while not (over.wait(WATCH_SECONDS) or is_ending()):
        if not worker.is_alive():
            worker = start_worker(settings)
    worker.terminate()
    worker.join(FINISH_SECONDS)
    worker.kill()


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; then finish requests in flight."""
    logging.getLogger("_granian").setLevel(logging.WARNING)
    pass_signals_on()
    server = Granian(
        "terrafirma",
        address="127.0.0.1" if settings.socket_path else settings.host,
        port=settings.port,
        uds=settings.socket_path,
        interface=Interfaces.ASGINL,
        workers=settings.workers,
        respawn_failed_workers=True,
        workers_kill_timeout=FINISH_SECONDS,
        websockets=False,
        log_enabled=False,
    )
    begin_counters(settings.tallies)
    with worker_beside(settings, lambda: server.interrupt_signal):
        server.serve(target_loader=partial(load_app, settings, os.getpid()), wrap_loader=False)
