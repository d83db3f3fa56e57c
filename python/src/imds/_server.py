"""A server on a socket, in a thread of its own."""

from __future__ import annotations

import selectors
import socket
import threading
from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from ._imds import Connection, Imds

_READ_BYTES = 65_536
_BACKLOG = 128


class Server:
    """Serves an ``Imds`` on a socket until it is closed.

    >>> with Imds().serve() as server:
    ...     print(server.url)
    http://127.0.0.1:43187
    """

    def __init__(self, imds: Imds, host: str, port: int, keep_alive: bool) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, port), family=family, backlog=_BACKLOG)
        self._listener.setblocking(False)
        self._imds = imds
        self._keep_alive = keep_alive
        self._peers: dict[socket.socket, _Peer] = {}
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._wake, self._waked = socket.socketpair()
        self._selector.register(self._waked, selectors.EVENT_READ)
        self._is_closed = False
        self.host: str = host
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._run, name=f"imds {self.url}", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """For example ``http://127.0.0.1:43187``, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def close(self) -> None:
        """Closes all sockets."""
        if not self._is_closed:
            self._is_closed = True
            self._wake.close()
            self._thread.join()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self) -> None:
        try:
            while not self._is_closed:
                for key, events in self._selector.select(self._wait()):
                    if key.fileobj is self._listener:
                        self._accept()
                    elif key.fileobj is not self._waked:
                        self._peers[key.fileobj].handle(events)  # type: ignore[index]
                for peer in list(self._peers.values()):
                    peer.handle_timeout()
                    self._update(peer)
        finally:
            for peer in list(self._peers.values()):
                self._drop(peer)
            self._selector.close()
            self._listener.close()
            self._waked.close()

    def _wait(self) -> Optional[float]:
        deadlines = [it for it in (peer.connection.deadline for peer in self._peers.values()) if it is not None]
        # Half a second bounds the delay of a timeout after the clock was moved.
        return max(0.0, min(min(deadlines) - self._imds._clock(), 0.5)) if deadlines else None

    def _accept(self) -> None:
        try:
            accepted, address = self._listener.accept()
        except OSError:
            return
        accepted.setblocking(False)
        is_ipv6 = ":" in address[0] and not address[0].startswith("::ffff:")
        peer = _Peer(accepted, self._imds.connection(keep_alive=self._keep_alive, ipv6=is_ipv6))
        self._peers[accepted] = peer
        self._selector.register(accepted, selectors.EVENT_READ)

    def _update(self, peer: _Peer) -> None:
        if peer.is_finished():
            self._drop(peer)
        else:
            self._selector.modify(peer.socket, peer.events())

    def _drop(self, peer: _Peer) -> None:
        del self._peers[peer.socket]
        self._selector.unregister(peer.socket)
        peer.socket.close()
        peer.connection.close()


class _Peer:
    """A socket and its connection."""

    def __init__(self, accepted: socket.socket, connection: Connection) -> None:
        self.socket = accepted
        self.connection = connection
        self._hop_limit: Optional[int] = None
        self._is_eof = False
        self._is_shut = False
        self._is_broken = False

    def handle(self, events: int) -> None:
        try:
            if events & selectors.EVENT_READ:
                self._read()
            self._write()
        except (BlockingIOError, InterruptedError):
            pass
        except OSError:
            self._is_broken = True

    def handle_timeout(self) -> None:
        self.connection.handle_timeout()

    def is_finished(self) -> bool:
        return self._is_broken or self.connection.state == "closed"

    def events(self) -> int:
        wants = 0 if self._is_eof else selectors.EVENT_READ
        return wants | (selectors.EVENT_WRITE if self.connection.poll_transmit() else 0) or selectors.EVENT_WRITE

    def _read(self) -> None:
        data = self.socket.recv(_READ_BYTES)
        if data:
            self.connection.receive(data)
        elif not self._is_eof:
            self._is_eof = True
            self.connection.receive_eof()

    def _write(self) -> None:
        while True:
            transmit = self.connection.poll_transmit()
            if transmit is None:
                break
            if transmit.hop_limit != self._hop_limit and transmit.hop_limit is not None:
                self._set_hop_limit(transmit.hop_limit)
            self.connection.advance_transmit(self.socket.send(transmit.bytes))
        if self.connection.state == "draining" and not self._is_shut:
            self._is_shut = True
            self.socket.shutdown(socket.SHUT_WR)

    def _set_hop_limit(self, limit: int) -> None:
        if self.socket.family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, limit)
        else:
            self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, limit)
        self._hop_limit = limit
