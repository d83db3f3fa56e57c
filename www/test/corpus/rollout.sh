#!/bin/bash
# A rollout with arrays, a dry run and a rollback: after a script of a security team.
set -uo pipefail
DRY_RUN=${DRY_RUN:-true}
IDS=($(aws ec2 describe-instances --query 'Reservations[].Instances[].InstanceId' --output text))
echo "found ${#IDS[@]}"
change() {
  local id=$1 tokens=$2
  if [[ $DRY_RUN == true ]]; then
    echo "would set $tokens on $id"
    return 0
  fi
  aws ec2 modify-instance-metadata-options --instance-id "$id" --http-tokens "$tokens" > /dev/null || { echo "failed: $id"; return 1; }
  echo "set $tokens on $id"
}
for ((i = 0; i < ${#IDS[@]}; i++)); do change "${IDS[$i]}" required; done
DRY_RUN=false
changed=()
for id in "${IDS[@]}" i-00000000000000000; do
  if change "$id" required 2>/dev/null; then changed+=("$id"); fi
done
sleep 1
echo "changed ${#changed[@]}: $(IFS=,; echo "${changed[*]}")"
if ! curl -sf http://169.254.169.254/latest/meta-data/ > /dev/null; then
  echo "a client without a token fails: rolling back"
  for id in "${changed[@]}"; do change "$id" optional; done
fi
sleep 1
curl -sf -o /dev/null http://169.254.169.254/latest/meta-data/ && echo "version 1 works again"
