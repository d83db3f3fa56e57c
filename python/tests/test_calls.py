"""The calls of every transcript, with the results of the native build."""

import os
import pathlib
import struct

import pytest

from imds._module import Module

CALLS = os.environ.get("IMDS_CALLS")
EXCHANGE = struct.Struct("<QIIIIIIII")


class Replay:
    """Makes the calls of one line each. ``imds-pkg-build calls`` writes the lines."""

    def __init__(self) -> None:
        self.module = Module()
        self.connection = 0

    def launch(self, now: str, nonce: str, seed: str, record: str) -> str:
        bytes_ = self.module.write(parse(seed), parse(record))
        return str(self.module.call("imds_launch", float(now), int(nonce), *bytes_))

    def modify(self, now: str, effective: str, change: str) -> str:
        bytes_ = self.module.write(parse(change))
        return str(self.module.call("imds_modify_options", float(now), float(effective), *bytes_))

    def open(self, now: str, flags: str) -> str:
        self.connection = self.module.call_pointer("imds_open", float(now), int(flags), -1)
        return "0" if self.connection else "no connection"

    def receive(self, now: str, received: str, _: str) -> str:
        bytes_ = self.module.write(parse(received))
        return str(self.module.call("imds_receive", self.connection, float(now), *bytes_))

    def eof(self) -> str:
        return str(self.module.call("imds_receive_eof", self.connection))

    def answer(self, now: str, flags: str, *_: str) -> str:
        at = self.module.call_pointer("imds_answer", self.connection, float(now), float(now), int(flags))
        if at == 0:
            return "none"
        _passed, address, length, _no, status, rule, hops, _protocol, _close = self.module.unpack(EXCHANGE, at)
        response = self.module.read(address, length).hex() or "-"
        return f"{status} {self.name('imds_rule_id', rule)} {hops} {response}"

    def transmit(self, *_: str) -> str:
        at = self.module.call_pointer("imds_poll_transmit", self.connection)
        return "%d %d" % struct.unpack("<II", self.module.read(at + 4, 8))

    def advance(self, now: str, count: str) -> str:
        return str(self.module.call("imds_advance_transmit", self.connection, float(now), int(count)))

    def timeout(self, *_: str) -> str:
        at = self.module.call_pointer("imds_poll_timeout", self.connection)
        if at == 0:
            return "none"
        due, timer = struct.unpack("<dI", self.module.read(at, 12))
        return f"{due:.0f} {self.name('imds_timer_name', timer)}"

    def handle_timeout(self, now: str) -> str:
        return str(self.module.call("imds_handle_timeout", self.connection, float(now)))

    def state(self, *_: str) -> str:
        reason = self.module.call("imds_close_reason", self.connection)
        name = self.name("imds_close_reason_name", reason) if reason else "none"
        return f"{self.module.call('imds_state', self.connection)} {name}"

    def close(self) -> str:
        return str(self.module.call("imds_close", self.connection))

    def name(self, function: str, number: int) -> str:
        return self.module.text(self.module.call_pointer(function, number))


#: The position of the result in a line; 0 if the result is 0.
RESULTS = {"answer": 3, "receive": 3, "transmit": 1, "timeout": 1, "state": 1}


@pytest.mark.skipif(CALLS is None, reason="IMDS_CALLS is the file that imds-pkg-build writes")
def test_every_transcript_has_its_native_results() -> None:
    replay = Replay()
    transcript, transcripts, is_repeated = "", 0, False
    for line in pathlib.Path(CALLS or "").read_text().splitlines():
        call, *arguments = line.split(" ")
        if call == "transcript":
            # The second run of a transcript is byte by byte, which takes a minute here.
            is_repeated = transcript == arguments[0]
            transcript, transcripts = arguments[0], transcripts + (not is_repeated)
        if call == "transcript" or is_repeated:
            continue
        at = RESULTS.get(call)
        expected = " ".join(line.split(" ")[at:]) if at else "0"
        assert getattr(replay, call.replace("-", "_"))(*arguments) == expected, f"{transcript}: {line}"
    assert transcripts >= 20


def parse(hexadecimal: str) -> bytes:
    return b"" if hexadecimal == "-" else bytes.fromhex(hexadecimal)
