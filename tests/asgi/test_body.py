"""The body of a request: whatever has come, and when, a thread reads all of it."""

import asyncio
from collections.abc import Callable

import pytest

from terrafirma.asgi.body import Message, Receive, RequestBody
from terrafirma.errors import Malformed

BODY = b'{"name":"Atlantis"}'


def send(*parts: bytes, last: bool = True, before: Callable[[], object] = lambda: True) -> Receive:
    """A client that sends a body in parts, and hangs up after those that are not the last."""
    left = list(parts)

    async def receive() -> Message:
        while not before():
            await asyncio.sleep(0)
        if not left:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left) or not last}

    return receive


async def read(receive: Receive, length: int | None) -> bytes:
    """What a thread reads that comes when the first part has been received already."""
    body = RequestBody(receive, length, 1.0, framed=True)
    body.prefetch()
    await asyncio.sleep(0.01)
    return await asyncio.to_thread(body.read)


@pytest.mark.parametrize("parts", [[BODY], [BODY[:5], BODY[5:]], [b"", BODY], [BODY, b""]])
@pytest.mark.parametrize("length", [len(BODY), None])
def test_parts_that_came_before_the_thread_are_read(parts, length):
    assert asyncio.run(read(send(*parts), length)) == BODY


def test_a_body_that_comes_as_the_thread_starts_is_read():
    """The last moment of waiting: the thread is on its way, and the whole body is there before it."""

    async def scenario() -> bytes:
        left: list[bool] = []
        body = RequestBody(send(BODY, before=lambda: left), len(BODY), 1.0, framed=True)
        await body.receive_early(lambda: left.append(True))
        assert body.is_complete
        return await asyncio.to_thread(body.read)

    assert asyncio.run(scenario()) == BODY


def test_a_body_that_is_there_at_once_is_read():
    async def scenario() -> bytes:
        left: list[bool] = []
        body = RequestBody(send(BODY[:3], BODY[3:]), len(BODY), 1.0, True)
        await body.receive_early(lambda: left.append(True))
        assert not left
        return body.read()

    assert asyncio.run(scenario()) == BODY


@pytest.mark.parametrize("length", [len(BODY), None])
def test_a_body_that_was_broken_off_is_refused(length):
    with pytest.raises(Malformed, match="ended after 5"):
        asyncio.run(read(send(BODY[:5], last=False), length))
