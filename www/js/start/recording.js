// What the first screen replays. www/replay.mjs writes this file.

/** @type {import('./replay.js').Recording} */
export default {
 "seed": "2a",
 "instance": {
  "instance_type": "t2.nano",
  "newest_version": "2019-10-01",
  "ami_id": "ami-0ce107ae7af2e92b5",
  "account_id": "123456789012",
  "availability_zone": "ap-northeast-1a",
  "monitoring": "disabled",
  "public_keys": [
   {
    "name": "key_file",
    "openssh_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZha2Uga2V5IG9mIGltZHMsIG5vdCBmb3IgdXNlISEh key_file"
   }
  ],
  "network_interfaces": [
   {
    "device_number": 0,
    "security_groups": [
     {
      "id": "sg-0a00ecb871bb15fb3",
      "name": "launch-wizard-1"
     }
    ],
    "subnet_id": "subnet-03d74b8d6ab6c39f2",
    "subnet_ipv4_cidr_block": "10.0.0.0/24",
    "vpc_id": "vpc-0a5e7c1d9b3f20468",
    "vpc_ipv4_cidr_blocks": [
     "10.0.0.0/16"
    ],
    "mac": "02:37:9c:e8:e9:e9",
    "interface_id": "eni-00f6ea035e90abe76",
    "local_ipv4s": [
     "10.0.0.68"
    ],
    "public_ipv4s": [
     "203.0.113.1"
    ]
   }
  ],
  "instance_id": "i-034109c70aaa4b055",
  "reservation_id": "r-01765bfa16fb91aac",
  "launch_time": "2020-09-26T14:28:58Z",
  "tags": {
   "Name": "test_instance"
  }
 },
 "steps": [
  {
   "host": "cli",
   "command": "aws ec2 run-instances \\\n  --image-id ami-0ce107ae7af2e92b5 \\\n  --instance-type t2.nano \\\n  --key-name key_file \\\n  --monitoring Enabled=false \\\n  --placement AvailabilityZone=ap-northeast-1a \\\n  --subnet-id subnet-03d74b8d6ab6c39f2 \\\n  --associate-public-ip-address \\\n  --security-group-ids sg-0a00ecb871bb15fb3 \\\n  --tag-specifications 'ResourceType=instance,Tags=[{Key=Name,Value=test_instance}]'",
   "at": 1601130538000,
   "output": "\"PrivateIpAddress\": \"10.0.0.68\"\n\"InstanceId\": \"i-034109c70aaa4b055\"\n\"InstanceType\": \"t2.nano\"\n"
  },
  {
   "host": "cli",
   "command": "aws ec2 describe-instances \\\n  --filters \"Name=tag:Name,Values=test_instance\" \\\n  --query Reservations[*].Instances[*].[MetadataOptions]",
   "at": 1601130598000,
   "output": "[\n    [\n        [\n            {\n                \"State\": \"applied\", \n                \"HttpEndpoint\": \"enabled\", \n                \"HttpTokens\": \"optional\", \n                \"HttpPutResponseHopLimit\": 1\n            }\n        ]\n    ]\n]\n"
  },
  {
   "host": "test",
   "command": "curl http://169.254.169.254/latest/meta-data/",
   "at": 1601131528000,
   "requests": [
    {
     "status": 200,
     "rule": "serve.v1",
     "passed": 35
    }
   ]
  },
  {
   "host": "test",
   "command": "TOKEN=`curl -X PUT \"http://169.254.169.254/latest/api/token\" -H \"X-aws-ec2-metadata-token-ttl-seconds: 21600\"` && curl -H \"X-aws-ec2-metadata-token: $TOKEN\" -v http://169.254.169.254/latest/meta-data/",
   "at": 1601131529000,
   "requests": [
    {
     "status": 200,
     "rule": "serve.token",
     "passed": 33
    },
    {
     "status": 200,
     "rule": "serve.v2",
     "passed": 34
    }
   ]
  },
  {
   "host": "cli",
   "command": "aws ec2 modify-instance-metadata-options \\\n  --instance-id i-034109c70aaa4b055 \\\n  --http-tokens required \\\n  --http-put-response-hop-limit 1 \\\n  --http-endpoint enabled",
   "at": 1601132503000,
   "output": "{\n    \"InstanceId\": \"i-034109c70aaa4b055\", \n    \"InstanceMetadataOptions\": {\n        \"State\": \"pending\", \n        \"HttpEndpoint\": \"enabled\", \n        \"HttpTokens\": \"required\", \n        \"HttpPutResponseHopLimit\": 1\n    }\n}\n",
   "options": {
    "http_tokens": "required"
   }
  },
  {
   "host": "cli",
   "command": "aws ec2 describe-instances \\\n  --filters \"Name=tag:Name,Values=test_instance\" \\\n  --query Reservations[*].Instances[*].[MetadataOptions]",
   "at": 1601132504000,
   "output": "[\n    [\n        [\n            {\n                \"State\": \"applied\", \n                \"HttpEndpoint\": \"enabled\", \n                \"HttpTokens\": \"required\", \n                \"HttpPutResponseHopLimit\": 1\n            }\n        ]\n    ]\n]\n"
  },
  {
   "host": "test",
   "command": "curl http://169.254.169.254/latest/meta-data/",
   "at": 1601132505000,
   "requests": [
    {
     "status": 401,
     "rule": "token.missing",
     "passed": 15
    }
   ]
  }
 ]
};
