#!/bin/bash
# A message of the day with metadata: after a script with colours.
BOLD='\033[1m'
RESET='\033[0m'
METADATA_TOKEN=$(curl -s --max-time 2 -X PUT "http://169.254.169.254/latest/api/token" --header "X-aws-ec2-metadata-token-ttl-seconds: 30")
value() { curl --fail -s --max-time 2 "http://169.254.169.254/latest/meta-data/$1" --header "X-aws-ec2-metadata-token: ${METADATA_TOKEN}"; }
IP=$(value public-ipv4)
IP=${IP:-'None'}
IPV6=$(value ipv6)
IPV6=${IPV6:-None}
echo -e "===== INSTANCE =====
 ${BOLD}- public IPv4${RESET}: ${IP}
 ${BOLD}- IPv6${RESET}.......: ${IPV6}
 ${BOLD}- type${RESET}.......: $(value instance-type)"
echo "$(value local-hostname)" | tr '[:lower:]' '[:upper:]'
value network/interfaces/macs/ | tr -d '/' | tr ':' '-'; echo
