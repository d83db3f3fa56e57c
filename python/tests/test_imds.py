"""The library, without sockets."""

from collections.abc import Callable
from typing import Any

import pytest

from imds import Imds, ImdsError

NOW = 1_767_225_600.0
PUT = b"PUT /latest/api/token HTTP/1.1\r\nHost: x\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\n"


def get(path: str, token: bytes = b"") -> bytes:
    header = b"X-aws-ec2-metadata-token: " + token + b"\r\n" if token else b""
    return b"GET " + path.encode() + b" HTTP/1.1\r\nHost: x\r\n" + header + b"\r\n"


@pytest.fixture
def imds() -> Imds:
    return Imds(seed=b"*", clock=lambda: NOW)


def test_a_token_opens_a_session_until_it_expires(imds: Imds) -> None:
    token = imds.handle(PUT).body
    assert token is not None and len(token) == 56
    exchange = imds.handle(get("/latest/meta-data/instance-id", token))
    assert (exchange.status, exchange.rule, exchange.protocol) == (200, "serve.v2", "v2")
    assert imds.handle(get("/latest/meta-data/", token), now=NOW + 60).rule == "token.expired"


def test_equal_seeds_and_clocks_give_equal_bytes(imds: Imds) -> None:
    issued = imds.handle(PUT).response
    assert Imds(seed=b"*", clock=lambda: NOW).handle(PUT).response == issued
    assert imds.handle(PUT).response != issued
    assert Imds(clock=lambda: NOW).handle(PUT).response != issued


def test_the_trace_ends_with_the_rule_that_decides(imds: Imds) -> None:
    exchange = imds.handle(get("/latest/meta-data/", b"short"))
    assert exchange.rule == "token.length"
    assert (exchange.trace[-1].rule, exchange.trace[-1].verdict) == ("token.length", "decides")
    assert {it.verdict for it in exchange.trace[:-1]} == {"passes", "does_not_apply"}


def test_changed_options_are_pending_until_they_take_effect(imds: Imds) -> None:
    assert imds.modify_options(http_tokens="required", after=2).state == "pending"
    request = get("/latest/meta-data/")
    assert [imds.handle(request, now=NOW + after).status for after in (0, 1.9, 2)] == [200, 200, 401]
    options = imds.options(now=NOW + 2)
    assert (options.state, options.http_tokens) == ("applied", "required")


def test_a_restart_voids_tokens(imds: Imds) -> None:
    token = imds.handle(PUT).body or b""
    imds.restart()
    assert imds.handle(get("/latest/meta-data/", token)).status == 401


def test_a_response_does_not_reach_a_client_beyond_its_hop_limit(imds: Imds) -> None:
    assert imds.handle(PUT, hops=1).hop_limit == 1
    lost = imds.handle(PUT, hops=2)
    assert (lost.response, lost.no_response, lost.status) == (None, "hop-limit", 200)


def test_a_connection_takes_bytes_in_any_pieces(imds: Imds) -> None:
    with imds.connection() as connection:
        answered = [it for at in range(len(PUT)) for it in connection.receive(PUT[at : at + 1])]
        assert [it.rule for it in answered] == ["serve.token"]
        transmit = connection.poll_transmit()
        assert transmit is not None and transmit.bytes == answered[0].response
        connection.advance_transmit(len(transmit.bytes))
        assert (connection.state, connection.close_reason) == ("closed", "answered")
    calls: list[Callable[[], object]] = [
        lambda: connection.receive(PUT),
        lambda: connection.poll_transmit(),
        lambda: connection.deadline,
        lambda: connection.state,
        lambda: connection.handle_timeout(),
    ]
    for call in calls:
        with pytest.raises(ImdsError) as freed:
            call()
        assert freed.value.code == "freed"


def test_pipelined_requests_are_answered_in_order(imds: Imds) -> None:
    with imds.connection(keep_alive=True) as connection:
        answered = connection.receive(PUT + get("/latest/meta-data/") + get("/x"))
        assert [it.status for it in answered] == [200, 200, 404]
        sent = connection.poll_transmit()
        assert sent is not None and sent.bytes == b"".join(it.response or b"" for it in answered)


def test_a_silent_connection_closes_at_its_deadline(imds: Imds) -> None:
    with imds.connection() as connection:
        connection.receive(PUT[:9])
        deadline = connection.deadline
        assert deadline is not None and deadline > NOW
        connection.handle_timeout(now=deadline)
        assert connection.state == "closed"


def test_explain_lists_the_changes_that_turn_a_decision(imds: Imds) -> None:
    imds.modify_options(http_tokens="required")
    changes = imds.explain(get("/latest/meta-data/"))
    assert any(it.status == 200 and it.text for it in changes)


@pytest.mark.parametrize(
    ("arguments", "code", "place"),
    [
        ({"record": "{"}, "record", "line 1"),
        ({"record": ""}, "record", "empty"),
        ({"record": {"instance_type": "t3.micro", "instance_typ": 1}}, "record", "instance_typ"),
        ({"seed": b""}, "input", "seed"),
        ({"seed": b"x" * 33}, "input", "seed"),
        ({"clock": lambda: -1.0}, "input", "time"),
    ],
)
def test_invalid_arguments_are_named(arguments: dict[str, Any], code: str, place: str) -> None:
    with pytest.raises(ImdsError, match=place) as error:
        Imds(**arguments)
    assert error.value.code == code and "\n" not in str(error.value)
