"""An instance with its metadata service, and its connections."""

from __future__ import annotations

import json
import secrets
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Optional, Union

from ._exchange import Change, Exchange, Names, Transmit, read_exchange
from ._module import ImdsError, Module
from ._server import Server

_OPTIONS = struct.Struct("<IIIIII")
_TRANSMIT = struct.Struct("<III")
_TIMEOUT = struct.Struct("<dI")
# imds_change: id, text, rule, status, reaches
_CHANGE = struct.Struct("<IIIIIII")
_KEEP_ALIVE, _IPV6, _THROTTLED = 1, 2, 4
_STATES = ["open", "draining", "closed"]

Record = Union[Mapping[str, Any], str, bytes]


@dataclass(frozen=True)
class MetadataOptions:
    """Metadata options as last requested, with the values of EC2's API."""

    #: ``pending`` until the options are in force, then ``applied``.
    state: str
    http_tokens: str
    http_put_response_hop_limit: int
    http_endpoint: str
    http_protocol_ipv6: str
    instance_metadata_tags: str


class Imds:
    """An EC2 instance with its metadata service. Any thread may use it.

    ``record`` describes the instance, as a mapping or as JSON; docs/record.md lists its keys. The
    default is a t3.micro with a role. Values that it omits are generated from ``seed``, 1 to 32
    bytes; the default seed is random. ``clock`` returns seconds since 1970.
    """

    def __init__(
        self,
        record: Optional[Record] = None,
        *,
        seed: Optional[bytes] = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._lock = threading.RLock()
        self._clock = clock
        self._module = Module()
        self._names = Names(self._module)
        self._generation = 0
        nonce = secrets.randbits(63) if seed is None else 0
        launch = self._module.write(secrets.token_bytes(32) if seed is None else seed, _json(record))
        self._module.call("imds_launch", self._now(None), nonce, *launch)

    def handle(
        self,
        request: bytes,
        *,
        now: Optional[float] = None,
        hops: Optional[int] = None,
        ipv6: bool = False,
        throttled: bool = False,
    ) -> Exchange:
        """Answers the first request in these bytes, as on a new connection.

        ``hops`` is the number of network hops to the client: a response with a lower hop limit does
        not reach it. ``throttled`` is the decision of the caller's rate limiter.
        """
        flags = _IPV6 * ipv6 | _THROTTLED * throttled
        with self._lock:
            bytes_ = self._module.write(request)
            at = self._module.call_pointer("imds_handle", self._now(now), flags, _hops(hops), *bytes_)
            return read_exchange(self._module, self._names, at)

    def explain(
        self,
        request: bytes,
        *,
        now: Optional[float] = None,
        hops: Optional[int] = None,
        ipv6: bool = False,
        throttled: bool = False,
    ) -> list[Change]:
        """The single changes that would turn the decision on a request."""
        flags = _IPV6 * ipv6 | _THROTTLED * throttled
        with self._lock:
            bytes_ = self._module.write(request)
            count = self._module.call("imds_explain", self._now(now), flags, _hops(hops), *bytes_)
            return [self._change(self._module.call_pointer("imds_poll_change")) for _ in range(count)]

    def connection(
        self,
        *,
        now: Optional[float] = None,
        keep_alive: bool = False,
        hops: Optional[int] = None,
        ipv6: bool = False,
    ) -> Connection:
        """Opens a connection, without a socket."""
        with self._lock:
            flags = _KEEP_ALIVE * keep_alive | _IPV6 * ipv6
            return Connection(self, self._module.call_pointer("imds_open", self._now(now), flags, _hops(hops)))

    def modify_options(
        self, change: Optional[Record] = None, *, now: Optional[float] = None, after: float = 0, **changes: Any
    ) -> MetadataOptions:
        """Requests a change of metadata options; omitted options stay as they are.

        The change is pending for ``after`` seconds. ``imds.modify_options(http_tokens="required")``.
        """
        if change is not None and changes:
            raise ImdsError("input", "modify_options: expected a change or keyword arguments, not both")
        with self._lock:
            at = self._now(now)
            bytes_ = self._module.write(_json(changes if change is None else change))
            self._module.call("imds_modify_options", at, at + after * 1000, *bytes_)
            return self.options(now=now)

    def options(self, *, now: Optional[float] = None) -> MetadataOptions:
        """The metadata options as last requested."""
        with self._lock:
            at = self._module.call_pointer("imds_get_options", self._now(now))
            pending, required, limit, *enabled = self._module.unpack(_OPTIONS, at)
        return MetadataOptions(
            "pending" if pending else "applied",
            "required" if required else "optional",
            limit,
            *("enabled" if it else "disabled" for it in enabled),
        )

    def restart(self) -> None:
        """Voids all tokens, as a stop and start of the instance does."""
        with self._lock:
            self._generation += 1
            self._module.call("imds_set_generation", self._generation)

    def serve(self, host: str = "127.0.0.1", port: int = 0, *, keep_alive: bool = False) -> Server:
        """Serves the instance on a socket until the returned server is closed."""
        return Server(self, host, port, keep_alive)

    def _now(self, now: Optional[float]) -> float:
        """Milliseconds since 1970."""
        return (self._clock() if now is None else now) * 1000.0

    def _change(self, at: int) -> Change:
        module = self._module
        id_at, id_length, text_at, text_length, rule, status, reaches = module.unpack(_CHANGE, at)
        id_, text = module.read(id_at, id_length).decode(), module.read(text_at, text_length).decode()
        return Change(id_, text, self._names.rule(rule), status, bool(reaches))


class Connection:
    """One connection of a client.

    Pass it the received bytes, send what ``poll_transmit`` returns, and call ``handle_timeout`` at
    ``deadline``.
    """

    def __init__(self, imds: Imds, handle: int) -> None:
        self._imds = imds
        self._handle = handle

    def receive(self, data: bytes, *, now: Optional[float] = None, throttled: bool = False) -> list[Exchange]:
        """Receives bytes and answers each complete request."""
        exchanges: list[Exchange] = []
        with self._imds._lock:
            while True:
                bytes_ = self._imds._module.write(data)
                at = self._imds._now(now)
                taken = self._imds._module.call("imds_receive", self._handle, at, *bytes_)
                data = data[taken:]
                answered = self._answers(now, throttled)
                exchanges += answered
                if not data or not (taken or answered):
                    return exchanges

    def receive_eof(self, *, now: Optional[float] = None, throttled: bool = False) -> list[Exchange]:
        """Reports that the client sends no more bytes."""
        with self._imds._lock:
            self._imds._module.call("imds_receive_eof", self._handle)
            return self._answers(now, throttled)

    def poll_transmit(self) -> Optional[Transmit]:
        """The bytes to send next; None if there are none, or if they would not reach the client."""
        with self._imds._lock:
            at = self._imds._module.call_pointer("imds_poll_transmit", self._handle)
            if at == 0:
                return None
            address, length, hop_limit = self._imds._module.unpack(_TRANSMIT, at)
            return Transmit(self._imds._module.read(address, length), hop_limit or None)

    def advance_transmit(
        self, count: int, *, now: Optional[float] = None, throttled: bool = False
    ) -> list[Exchange]:
        """Marks bytes as sent, and answers requests that waited for that."""
        with self._imds._lock:
            self._imds._module.call("imds_advance_transmit", self._handle, self._imds._now(now), count)
            return self._answers(now, throttled)

    @property
    def deadline(self) -> Optional[float]:
        """When to call ``handle_timeout``, in seconds since 1970; None if there is no timeout."""
        with self._imds._lock:
            at = self._imds._module.call_pointer("imds_poll_timeout", self._handle)
            return None if at == 0 else self._imds._module.unpack(_TIMEOUT, at)[0] / 1000.0

    def handle_timeout(self, *, now: Optional[float] = None) -> None:
        """Handles the timeouts that are due. Calls that are early have no effect."""
        with self._imds._lock:
            self._imds._module.call("imds_handle_timeout", self._handle, self._imds._now(now))

    def shut_down(self) -> None:
        """Answers the requests that have begun, then closes."""
        with self._imds._lock:
            self._imds._module.call("imds_shut_down", self._handle)

    @property
    def state(self) -> str:
        """``open``, ``draining`` or ``closed``."""
        with self._imds._lock:
            return _STATES[self._imds._module.call("imds_state", self._handle)]

    @property
    def close_reason(self) -> Optional[str]:
        with self._imds._lock:
            number = self._imds._module.call("imds_close_reason", self._handle)
            return self._imds._names.close_reason(number)

    def close(self) -> None:
        """Frees the connection. Later calls raise an ``ImdsError``."""
        with self._imds._lock:
            if self._handle:
                self._imds._module.call("imds_close", self._handle)
                self._handle = 0

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _answers(self, now: Optional[float], throttled: bool) -> list[Exchange]:
        imds = self._imds
        exchanges: list[Exchange] = []
        flags = _THROTTLED * throttled
        while True:
            at = imds._module.call_pointer("imds_answer", self._handle, imds._now(now), imds._now(now), flags)
            if at == 0:
                return exchanges
            exchanges.append(read_exchange(imds._module, imds._names, at))


def _json(value: Optional[Record]) -> bytes:
    """JSON in UTF-8; no bytes, which the module reads as the default record, for None."""
    if value is None:
        return b""
    text = value if isinstance(value, (str, bytes)) else json.dumps(value)
    if not text:
        raise ImdsError("record", "expected JSON, found an empty text")
    return text.encode() if isinstance(text, str) else text


def _hops(hops: Optional[int]) -> int:
    if hops is not None and not 0 <= hops <= 255:
        raise ImdsError("input", "hops: expected 0 to 255, or None")
    return -1 if hops is None else hops
