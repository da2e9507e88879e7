"""Silent connections are closed, but not one whose client waits for an answer that takes long."""

from __future__ import annotations

import socket
import threading
import time

from tests.console.site import Site

from waybill.console.silence import watch


def test_who_waits_for_an_answer_may_be_silent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        working = threading.Event()
        working.set()
        threading.Thread(target=watch, args=(0.4, port, lambda seconds: working.is_set()), daemon=True).start()
        with socket.create_connection(("127.0.0.1", port)) as client, listening.accept()[0] as served:
            client.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert served.recv(100)
            time.sleep(1.2)
            served.sendall(b"answer")
            assert client.recv(100) == b"answer"
            working.clear()
            client.settimeout(5)
            assert client.recv(100) == b"", "nobody works on anything, and nothing came"


def test_work_that_takes_long_is_known(site: Site) -> None:
    process = site.process
    with process.answering(whole=True):
        time.sleep(0.05)
        assert process.is_working(0.01)
        assert not process.is_working(10)
    with process.answering():
        assert not process.is_working(0), "more of this request may be to come"
    assert not process.is_working(0)
