#!/usr/bin/env bash
# The Name tag of this instance: after a script that makes snapshots.
set -e
AZ=`curl -s http://169.254.169.254/latest/meta-data/placement/availability-zone`
LN=`echo $((${#AZ} - 1))`
REGION=`echo ${AZ} | cut -c 1-${LN}`
AWS="aws --region ${REGION}"
INSTANCE_ID=`curl -s http://169.254.169.254/latest/meta-data/instance-id`
NAME=`${AWS} ec2 describe-instances --instance-ids ${INSTANCE_ID} --output json | jq -r '.Reservations[].Instances[].Tags[] | select(.Key == "Name").Value'`
echo "${REGION} ${INSTANCE_ID} ${NAME}"
${AWS} ec2 describe-tags --filters "Name=resource-id,Values=${INSTANCE_ID}" --query 'Tags[?Key==`Name`].Value' --output text
