# The commands of README.md that do not start the server.
IMDS=http://169.254.169.254
curl -s $IMDS/latest/meta-data/ | wc -l
TOKEN=`curl -sX PUT "$IMDS/latest/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 21600"`
curl -s -H "X-aws-ec2-metadata-token: $TOKEN" $IMDS/latest/meta-data/instance-id; echo
curl -s $IMDS/latest/meta-data/iam/security-credentials/cli_role | grep -c AccessKeyId
curl -s $IMDS/latest/dynamic/instance-identity/document | grep region
aws ec2 describe-instances --filters "Name=tag:Name,Values=test_instance" --query Reservations[*].Instances[*].[MetadataOptions] --output text
for name in pkcs7 rsa2048; do
  { echo '-----BEGIN PKCS7-----'; curl -s $IMDS/latest/dynamic/instance-identity/$name | head -c 0; echo; echo '-----END PKCS7-----'; } > $name
  wc -l < $name
done
