# The examples of AWS's page on the retrieval of instance metadata, with and without a token.
curl -s http://169.254.169.254/ | head -n 3
TOKEN=`curl -s -X PUT "http://169.254.169.254/latest/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 21600"` \
&& curl -s -H "X-aws-ec2-metadata-token: $TOKEN" http://169.254.169.254/latest/meta-data/ami-id; echo
for path in local-hostname public-hostname reservation-id public-keys/ public-keys/0/ public-keys/0/openssh-key; do
  echo "$path: $(curl -s -H "X-aws-ec2-metadata-token: $TOKEN" http://169.254.169.254/latest/meta-data/$path)"
done
MAC=$(curl -s -H "X-aws-ec2-metadata-token: $TOKEN" http://169.254.169.254/latest/meta-data/network/interfaces/macs/ | head -1)
curl -s -H "X-aws-ec2-metadata-token: $TOKEN" "http://169.254.169.254/latest/meta-data/network/interfaces/macs/${MAC%/}/subnet-id"; echo
curl -s -o /dev/null -w '%{http_code}\n' http://169.254.169.254/latest/user-data
curl -s -o /dev/null -w '%{http_code}\n' http://169.254.169.254/latest/meta-data/tags/instance
curl -s -o /dev/null -w "%{http_code}\n" -H "X-aws-ec2-metadata-token: invalid" http://169.254.169.254/latest/meta-data/
curl -s -o /dev/null -w "%{http_code}\n" -X PUT http://169.254.169.254/latest/api/token
