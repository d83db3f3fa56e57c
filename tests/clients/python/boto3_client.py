"""boto3 with an old version of EC2's API, and the instance's credentials."""

import json
import sys

import boto3

client = boto3.client(
    "ec2", api_version=sys.argv[2], region_name="us-east-1", endpoint_url=f"http://{sys.argv[1]}"
)
instances = [i for r in client.describe_instances()["Reservations"] for i in r["Instances"]]
print(
    json.dumps(
        {
            "access_key": boto3.Session().get_credentials().access_key,
            "version": client.meta.service_model.api_version,
            "instances": [instance["InstanceId"] for instance in instances],
            "types": [instance["InstanceType"] for instance in instances],
        }
    )
)
