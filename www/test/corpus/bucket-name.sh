#!/bin/sh
# POSIX sh: names from metadata with functions, positional parameters and wget.
die() { status=$1; shift; echo "FATAL: $*"; exit $status; }
EC2_INSTANCE_ID="`wget -q -O - http://169.254.169.254/latest/meta-data/instance-id || die 1 \"wget has failed\"`"
test -n "$EC2_INSTANCE_ID" || die 2 'cannot obtain instance-id'
EC2_AVAIL_ZONE="`wget -qO- http://169.254.169.254/latest/meta-data/placement/availability-zone`"
test -n "$EC2_AVAIL_ZONE" || die 3 'cannot obtain availability-zone'
EC2_REGION="`echo \"$EC2_AVAIL_ZONE\" | sed -e 's:\([0-9][0-9]*\)[a-z]*\$:\1:'`"
set -- $(echo "$EC2_REGION" | tr '-' ' ')
echo "$# parts: $1 $2 $3"
echo "logs-$EC2_REGION-$(echo $EC2_INSTANCE_ID | cut -d- -f2 | cut -c1-8)"
host=$(wget -qO- http://169.254.169.254/latest/meta-data/hostname)
echo ${host%%.*} | sed 's/^ip-//; s/-/./g'
[ "$EC2_REGION" = "ap-northeast-1" ] || die 4 region
die 5 "the end"
