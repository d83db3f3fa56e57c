#!/usr/bin/env bash
# User data that waits for the service: after a script of a container cluster.
set -euo pipefail
log() { echo "[setup] $*"; }
get_token() {
  local attempt=1 max=5
  until TOKEN=$(curl -sf --max-time 2 -X PUT "http://169.254.169.254/latest/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 300"); do
    if (( attempt >= max )); then
      log "no token after ${max} attempts" >&2
      return 1
    fi
    attempt=$((attempt + 1))
    sleep 1
  done
  log "token of ${#TOKEN} characters at attempt $attempt"
}
metadata() { curl -sf -H "X-aws-ec2-metadata-token: ${TOKEN}" "http://169.254.169.254/latest/meta-data/$1" || echo "${2:-none}"; }
get_token
for key in instance-id instance-type placement/availability-zone spot/instance-action; do
  printf '%-28s %s\n' "$key" "$(metadata "$key")"
done
TYPE=$(metadata instance-type)
case "${TYPE%%.*}" in
  t[0-9]|t3a) log "burstable: $TYPE" ;;
  m*|c*|r*) log "fixed: $TYPE" ;;
  *) log "other: $TYPE" ;;
esac
