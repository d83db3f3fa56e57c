"""What the core answers."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Literal, Optional

from ._module import Module

# imds_exchange: passed, response, response_length, no_response, status, rule, hop_limit, protocol,
# close_reason
_EXCHANGE = struct.Struct("<QIIIIIIII4x")
_NO_RESPONSE: list[Optional[str]] = [None, "no-instance", "hop-limit", "incomplete"]

VerdictName = Literal["passes", "does_not_apply", "decides"]


@dataclass(frozen=True)
class Verdict:
    """The verdict of one rule on a request."""

    rule: str
    verdict: VerdictName


@dataclass(frozen=True)
class Exchange:
    """A response, and the decision that led to it."""

    #: The bytes of the response; None if the client receives none.
    response: Optional[bytes] = field(repr=False)
    #: Why ``response`` is None: ``no-instance``, ``hop-limit`` or ``incomplete``.
    no_response: Optional[str]
    #: The status; None if no request was answered.
    status: Optional[int]
    #: The id of the rule that decided.
    rule: Optional[str]
    #: The IP TTL of the packets that carry the response; None for the system's default.
    hop_limit: Optional[int]
    #: The version of IMDS that the request uses.
    protocol: Optional[Literal["v1", "v2"]]
    #: Why the connection closes; None if it stays open.
    close_reason: Optional[str]
    #: The verdicts of the rules up to the one that decided, in the order of evaluation.
    trace: tuple[Verdict, ...] = field(repr=False)

    @property
    def body(self) -> Optional[bytes]:
        """The response without its head."""
        return None if self.response is None else self.response.partition(b"\r\n\r\n")[2]


@dataclass(frozen=True)
class Change:
    """A single change that would turn a decision."""

    #: A stable id.
    id: str
    #: The change in English.
    text: str
    #: The id of the rule that would decide.
    rule: str
    #: The status that the response would have.
    status: int
    #: Whether the response would reach the client.
    reaches: bool


@dataclass(frozen=True)
class Transmit:
    """Bytes to send."""

    bytes: bytes = field(repr=False)
    #: The IP TTL of the packets; None for the system's default.
    hop_limit: Optional[int]


class Names:
    """The names of rules and close reasons, read once each."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._rules: dict[int, str] = {}
        self._close_reasons: dict[int, str] = {}

    def rule(self, index: int) -> str:
        if index not in self._rules:
            self._rules[index] = self._module.text(self._module.call_pointer("imds_rule_id", index))
        return self._rules[index]

    def close_reason(self, number: int) -> Optional[str]:
        if number == 0:
            return None
        if number not in self._close_reasons:
            at = self._module.call_pointer("imds_close_reason_name", number)
            self._close_reasons[number] = self._module.text(at)
        return self._close_reasons[number]


def read_exchange(module: Module, names: Names, at: int) -> Exchange:
    passed, response, length, no_response, status, rule, hop_limit, protocol, close = module.unpack(_EXCHANGE, at)
    answered = status != 0
    bytes_ = module.read(response, length) if no_response == 0 else None
    trace = []
    if answered:
        for index in range(rule + 1):
            passes: VerdictName = "passes" if passed >> index & 1 else "does_not_apply"
            trace.append(Verdict(names.rule(index), "decides" if index == rule else passes))
    return Exchange(
        response=bytes_,
        no_response=_NO_RESPONSE[no_response],
        status=status or None,
        rule=names.rule(rule) if answered else None,
        hop_limit=hop_limit or None,
        protocol="v2" if protocol == 2 else "v1" if protocol == 1 else None,
        close_reason=names.close_reason(close),
        trace=tuple(trace),
    )
