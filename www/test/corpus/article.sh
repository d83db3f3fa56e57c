# The article's commands on cli_instance; golden/article.txt has all of them, with the output of the
# article's versions.
curl -sw "\n" http://169.254.169.254/latest/meta-data/instance-type/
aws ec2 describe-instances \
--filters "Name=tag:Name,Values=test_instance" \
--query Reservations[*].Instances[*].[MetadataOptions] | jq -cS .
aws ec2 describe-instances \
--filters "Name=tag:Name,Values=test_instance" \
--query Reservations[*].Instances[*].[InstanceId] | jq -cS .
TOKEN=`curl -s -X PUT "http://169.254.169.254/latest/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 21600"` && curl -s -H "X-aws-ec2-metadata-token: $TOKEN" http://169.254.169.254/latest/meta-data/
aws ec2 modify-instance-metadata-options \
--instance-id i-0c11a7e9b2d04f3a6 \
--http-tokens required \
--http-put-response-hop-limit 1 \
--http-endpoint enabled --query InstanceMetadataOptions.HttpTokens --output text
sleep 1
curl -s http://169.254.169.254/latest/meta-data/ | head -n 1
curl -s -H "X-aws-ec2-metadata-token: $TOKEN" http://169.254.169.254/latest/meta-data/ | wc -c
