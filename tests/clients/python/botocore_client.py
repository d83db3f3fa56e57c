"""botocore's clients of the metadata service, each kept between commands."""

import os

import botocore.session
from botocore.utils import InstanceMetadataFetcher, InstanceMetadataRegionFetcher
from dialogue import serve

settings = {
    "ec2_metadata_service_endpoint": os.environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT"),
    "ec2_metadata_service_endpoint_mode": os.environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "").lower(),
    "ec2_metadata_v1_disabled": os.environ.get("AWS_EC2_METADATA_V1_DISABLED") == "true",
}
credentials = InstanceMetadataFetcher(config=settings)
region = InstanceMetadataRegionFetcher(config=settings)


def session():
    """The credentials of a program that configures no source for them."""
    found = botocore.session.Session().get_credentials()
    return found and {"method": found.method, "access_key": found.access_key, "token": found.token}


serve(
    {
        "credentials": credentials.retrieve_iam_role_credentials,
        "region": region.retrieve_region,
        "session": session,
    }
)
