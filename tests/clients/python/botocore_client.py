"""botocore's own ways to the metadata service, each kept from one question to the next."""

import os

import botocore.session
from botocore.utils import InstanceMetadataFetcher, InstanceMetadataRegionFetcher
from dialogue import answer

settings = {
    "ec2_metadata_service_endpoint": os.environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT"),
    "ec2_metadata_service_endpoint_mode": os.environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "").lower(),
    "ec2_metadata_v1_disabled": os.environ.get("AWS_EC2_METADATA_V1_DISABLED") == "true",
}
credentials = InstanceMetadataFetcher(config=settings)
region = InstanceMetadataRegionFetcher(config=settings)


def session():
    """What a program gets that says nothing of where its credentials come from."""
    found = botocore.session.Session().get_credentials()
    return found and {"method": found.method, "access_key": found.access_key, "token": found.token}


answer(
    {
        "credentials": credentials.retrieve_iam_role_credentials,
        "region": region.retrieve_region,
        "session": session,
    }
)
