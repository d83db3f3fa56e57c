# An audit of all instances as a table and as CSV.
aws ec2 describe-instances > all.json
jq -r '.Reservations[].Instances[] | [.InstanceId, .InstanceType, .MetadataOptions.HttpTokens, (.Tags // [] | map(select(.Key=="Name").Value) | first // "-")] | @csv' all.json | sort
jq -r '.Reservations[].Instances[] | [.InstanceId, .MetadataOptions.HttpTokens] | @tsv' all.json | sort | while IFS=$'\t' read -r id tokens; do
  printf '%-22s %s\n' "$id" "$tokens"
done
declare -A count
for tokens in $(jq -r '.Reservations[].Instances[].MetadataOptions.HttpTokens' all.json); do
  count[$tokens]=$(( ${count[$tokens]:-0} + 1 ))
done
echo "optional: ${count[optional]:-0}, required: ${count[required]:-0}"
jq '[.Reservations[].Instances[].MetadataOptions] | group_by(.HttpTokens) | map({tokens: .[0].HttpTokens, count: length})' all.json
