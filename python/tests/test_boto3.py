"""boto3 takes credentials and the region from the fixture."""

import boto3
import pytest
from botocore.utils import IMDSRegionProvider

from imds import Imds, Server


def test_the_role_gives_credentials(imds_server: Server) -> None:
    credentials = boto3.Session().get_credentials()
    assert credentials.method == "iam-role"
    assert credentials.access_key.startswith("ASIA")


@pytest.mark.imds({"instance_type": "m5.large", "availability_zone": "eu-central-1b"}, http_tokens="required")
def test_the_marker_describes_the_instance(imds_server: Server) -> None:
    session = boto3.Session()
    assert IMDSRegionProvider(session._session).provide() == "eu-central-1"
    assert session.get_credentials() is None


def test_a_disabled_endpoint_gives_no_credentials(imds: Imds, imds_server: Server) -> None:
    imds.modify_options(http_endpoint="disabled")
    assert boto3.Session().get_credentials() is None
