# The credentials of the role for another program: after a lab of aws-samples.
TOKEN=$(curl -s -X PUT "http://169.254.169.254/latest/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 21600")
ROLE_NAME=$(curl -s -H "X-aws-ec2-metadata-token: $TOKEN" http://169.254.169.254/latest/meta-data/iam/security-credentials/)
RESULT=$(curl -s -H "X-aws-ec2-metadata-token: $TOKEN" http://169.254.169.254/latest/meta-data/iam/security-credentials/${ROLE_NAME})
KEY=$(echo $RESULT | jq -r '.AccessKeyId')
SECRET=$(echo $RESULT | jq -r '.SecretAccessKey')
export REGION=$(curl -s -H "X-aws-ec2-metadata-token: $TOKEN" http://169.254.169.254/latest/meta-data/placement/availability-zone | sed 's/\(.*\)[a-z]/\1/')
ROLE=$(aws sts get-caller-identity | jq -r '.Arn | sub("sts";"iam") | sub("assumed-role";"role") | sub("/i-[a-zA-Z0-9]+$";"")')
echo "${KEY:0:4} ${#KEY} ${#SECRET} $REGION $ROLE"
eval "$(echo "$RESULT" | jq -r '@text "MADE_KEY=\(.AccessKeyId)", @sh "MADE_TYPE=\(.Type)"')"
[ "$MADE_KEY" = "$KEY" ] && echo "same key, type $MADE_TYPE"
