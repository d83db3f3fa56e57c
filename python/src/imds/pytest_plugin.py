"""The pytest fixtures ``imds`` and ``imds_server``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from . import Imds, Server

#: Variables with which an AWS SDK would find credentials, a region or an endpoint elsewhere.
_PREFIXES = ("AWS_",)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "imds(record, seed=..., **metadata_options): the instance of the fixtures imds and imds_server"
    )


@pytest.fixture
def imds(request: pytest.FixtureRequest) -> Imds:
    """An instance with its metadata service; ``@pytest.mark.imds(...)`` describes it."""
    marker = request.node.get_closest_marker("imds")
    arguments: tuple[Any, ...] = marker.args if marker else ()
    options: dict[str, Any] = dict(marker.kwargs) if marker else {}
    instance = Imds(*arguments, seed=options.pop("seed", None))
    if options:
        instance.modify_options(options)
    return instance


@pytest.fixture
def imds_server(imds: Imds, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: Any) -> Iterator[Server]:
    """A server of the instance, which boto3 and other AWS SDKs use in this test.

    All ``AWS_*`` variables are removed, and the configuration files hidden.
    """
    for name in list(os.environ):
        if name.startswith(_PREFIXES):
            monkeypatch.delenv(name)
    empty = tmp_path_factory.mktemp("aws")
    with imds.serve() as server:
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url)
        monkeypatch.setenv("AWS_CONFIG_FILE", str(empty / "config"))
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(empty / "credentials"))
        yield server
