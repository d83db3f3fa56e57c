# The identity document and the credentials of the role, as AWS's pages read them.
TOKEN=$(curl -s -X PUT http://169.254.169.254/latest/api/token -H 'X-aws-ec2-metadata-token-ttl-seconds: 60')
get() { curl -s -f -H "X-aws-ec2-metadata-token: $TOKEN" "http://169.254.169.254/latest/$1"; }
get dynamic/instance-identity/document | jq -r '.region, .accountId, .instanceType, (.billingProducts|tostring)'
ROLE=$(get meta-data/iam/security-credentials/)
echo "$ROLE"
get "meta-data/iam/security-credentials/$ROLE" | jq -c 'keys_unsorted, .Code, .Type, (.AccessKeyId | length > 10)'
get meta-data/iam/info | jq -r '.Code, .InstanceProfileArn'
get meta-data/nothing || echo "exit status $?"
