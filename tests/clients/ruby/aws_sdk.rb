# The AWS SDK for Ruby: the credentials of an instance and its reader of metadata.

require "aws-sdk-core"
require "json"

credentials = Aws::InstanceProfileCredentials.new.credentials
metadata = Aws::EC2Metadata.new
puts JSON.generate(
  "access_key" => credentials.access_key_id,
  "instance_id" => metadata.get("/latest/meta-data/instance-id"),
  "region" => metadata.get("/latest/meta-data/placement/region"),
  "tag" => metadata.get("/latest/meta-data/tags/instance/Name"),
  "user_data" => metadata.get("/latest/user-data")
)
