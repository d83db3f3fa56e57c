"""boto 2: its reader of metadata, and its EC2 client, with the instance's credentials."""

import json
import sys

import boto.ec2.connection
import boto.utils
from boto.ec2.regioninfo import RegionInfo

metadata = boto.utils.get_instance_metadata(timeout=10, num_retries=1)


def whole(value):
    return {key: whole(value[key]) for key in value} if isinstance(value, dict) else value


console, port = sys.argv[1].rsplit(":", 1)
ec2 = boto.ec2.connection.EC2Connection(
    is_secure=False, port=int(port), region=RegionInfo(name="us-east-1", endpoint=console)
)
print(
    json.dumps(
        {
            "metadata": whole(metadata),
            "identity": boto.utils.get_instance_identity(timeout=10, num_retries=1),
            "user_data": boto.utils.get_instance_userdata(timeout=10, num_retries=1),
            "access_key": ec2.provider.access_key,
            "instances": [instance.id for instance in ec2.get_only_instances()],
            "tags": {tag.name: tag.value for tag in ec2.get_all_tags()},
        }
    )
)
