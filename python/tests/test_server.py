"""The server, with curl and urllib."""

import socket
import subprocess
import urllib.request

import pytest

from imds import Imds, Server

TTL = "X-aws-ec2-metadata-token-ttl-seconds: 60"


def curl(*arguments: str) -> bytes:
    command = ["curl", "--silent", "--show-error", "--max-time", "10", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def test_curl_gets_a_token_and_metadata(imds_server: Server) -> None:
    token = curl("-X", "PUT", f"{imds_server.url}/latest/api/token", "-H", TTL).decode()
    url = f"{imds_server.url}/latest/meta-data/instance-type"
    assert curl(url, "-H", f"X-aws-ec2-metadata-token: {token}") == b"t3.micro"


def test_the_server_sends_the_bytes_of_handle_for_any_pieces() -> None:
    imds = Imds(seed=b"*", clock=lambda: 1_767_225_600.0)
    request = b"GET /latest/dynamic/instance-identity/document HTTP/1.1\r\nHost: x\r\n\r\n"
    expected = imds.handle(request).response
    with imds.serve() as server:
        for step in (1, 7, len(request)):
            with socket.create_connection((server.host, server.port), timeout=10) as client:
                for at in range(0, len(request), step):
                    client.sendall(request[at : at + step])
                received = b"".join(iter(lambda: client.recv(65536), b""))
            assert received == expected


def test_many_clients_are_served_at_once(imds_server: Server) -> None:
    clients = [socket.create_connection((imds_server.host, imds_server.port), timeout=10) for _ in range(50)]
    request = b"GET /latest/meta-data/instance-id HTTP/1.1\r\nHost: x\r\n\r\n"
    for client in clients:
        client.sendall(request[:-2])
    for client in reversed(clients):
        client.sendall(request[-2:])
        assert client.recv(65536).startswith(b"HTTP/1.1 200 OK")
        client.close()


def test_a_closed_server_refuses_connections(imds: Imds) -> None:
    with imds.serve() as server:
        urllib.request.urlopen(f"{server.url}/latest/meta-data/").read()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((server.host, server.port), timeout=10)


def test_ipv6_clients_need_the_option() -> None:
    imds = Imds()
    with imds.serve("::1") as server:
        url = f"{server.url}/latest/meta-data/instance-type"
        with pytest.raises((urllib.error.URLError, ConnectionError)):
            urllib.request.urlopen(url, timeout=10)
        imds.modify_options(http_protocol_ipv6="enabled")
        assert urllib.request.urlopen(url, timeout=10).read() == b"t3.micro"
