#!/bin/bash
# User data of many tutorials: a web page with the metadata of its instance.
set -e
mkdir -p www
TOKEN=$(curl -s -X PUT "http://169.254.169.254/latest/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 21600")
INSTANCE_ID=$(curl -s -H "X-aws-ec2-metadata-token: $TOKEN" http://169.254.169.254/latest/meta-data/instance-id)
AZ=$(curl -s -H "X-aws-ec2-metadata-token: $TOKEN" \
  http://169.254.169.254/latest/meta-data/placement/availability-zone)
cat > www/index.html <<EOF
<!DOCTYPE html>
<html>
<body>
  <h1>Instance $INSTANCE_ID</h1>
  <p>Zone: <b>${AZ}</b>, region: ${AZ%?}</p>
</body>
</html>
EOF
cat www/index.html
