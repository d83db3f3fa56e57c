#!/bin/bash
# Requires tokens on each instance that does not, and checks it: after two hardening scripts.
aws ec2 describe-instances --query 'Reservations[].Instances[?MetadataOptions.HttpTokens!=`required`].InstanceId' --output text | tr '\t' '\n' | sort > instances.txt
count=$(grep -c . instances.txt)
echo "$count instances without IMDSv2"
done_=0
while IFS= read -r instance || [ -n "$instance" ]; do
  [ -z "$instance" ] && continue
  state=$(aws ec2 modify-instance-metadata-options --instance-id "$instance" --http-tokens required --http-endpoint enabled --query 'InstanceMetadataOptions.State' --output text)
  if [ $? -eq 0 ]; then
    done_=$((done_ + 1))
    echo "$instance: $state"
  else
    echo "$instance: failed" >&2
  fi
done < instances.txt
echo "$done_/$count"
sleep 1
left=$(aws ec2 describe-instances --filters Name=instance-state-name,Values=running | jq '[.Reservations[].Instances[] | select(.MetadataOptions.HttpTokens != "required")] | length')
echo "left: $left"
status=$(curl -s -o /dev/null -w '%{http_code}' http://169.254.169.254/latest/meta-data/)
if [[ "$status" == 401 ]]; then echo "version 1 is rejected"; else echo "version 1: $status"; exit 1; fi
