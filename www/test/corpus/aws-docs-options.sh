# AWS's page on the options of existing instances: require tokens, raise the hop limit, turn the
# endpoint off and on, find instances without IMDSv2.
aws ec2 modify-instance-metadata-options --instance-id i-034109c70aaa4b055 --http-tokens required --http-endpoint enabled --query 'InstanceMetadataOptions.[State,HttpTokens]' --output text
aws ec2 modify-instance-metadata-options --instance-id i-034109c70aaa4b055 --http-put-response-hop-limit 2 --http-endpoint enabled --query InstanceMetadataOptions.HttpPutResponseHopLimit
sleep 1
aws ec2 describe-instances --query 'Reservations[*].Instances[*].[InstanceId,MetadataOptions.HttpTokens]' --output text | sort
aws ec2 describe-instances --query 'Reservations[*].Instances[?MetadataOptions.HttpTokens==`optional`].InstanceId' --output text
aws ec2 describe-instances --instance-ids i-034109c70aaa4b055 --query 'Reservations[].Instances[].MetadataOptions' --output table
aws ec2 describe-instances --query 'Reservations[].Instances[].{Id:InstanceId,Tokens:MetadataOptions.HttpTokens}' --output table
aws sts get-caller-identity --query Account --output text
aws sts get-caller-identity --query Arn
