"""cloud-init's own EC2 data source, on an instance whose firmware names Amazon."""

import json

from cloudinit import helpers
from cloudinit.sources import DataSourceEc2 as source

# On an instance it reads the platform from the firmware's tables.
source.identify_platform = lambda: source.CloudNames.AWS
found = source.DataSourceEc2({}, None, helpers.Paths({"cloud_dir": "/nonexistent", "run_dir": "/nonexistent"}))
assert found._get_data(), "no data"
print(
    json.dumps(
        {
            "metadata": found.metadata,
            "identity": found.identity,
            "user_data": found.userdata_raw.decode(),
            "region": found.region,
            "zone": found.availability_zone,
            "instance_id": found.get_instance_id(),
        }
    )
)
