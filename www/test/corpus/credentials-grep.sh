# The same without jq: grep, cut, sed, tr and awk, after three scripts in public repositories.
role=`curl -s http://169.254.169.254/latest/meta-data/iam/security-credentials/`
url=http://169.254.169.254/latest/meta-data/iam/security-credentials/${role}
id=`curl -s $url | grep AccessKeyId | cut -d':' -f2 | sed 's/[^0-9A-Z]*//g'`
same=$(curl -s $url | grep -oP '(?<="AccessKeyId" : ")[^"]+')
third=$(curl -s $url | awk -F'"' '/AccessKeyId/ {print $4}')
fourth=$(curl -s $url | tr -d '", ' | grep ^AccessKeyId | cut -d: -f2)
fifth=$(curl -s $url | sed -n 's/.*"AccessKeyId" : "\([^"]*\)".*/\1/p')
sixth=$(curl -s $url | grep -Po '"AccessKeyId"\s*:\s*"\K\w+')
echo ${#id}
[[ $id == "$same" && $id == "$third" && $id == "$fourth" && $id == "$fifth" && $id == "$sixth" ]] && echo "all the same"
doc=$(curl -s http://169.254.169.254/latest/dynamic/instance-identity/document)
echo "$doc" | grep -oE '"region" : "[^"]+"' | cut -d'"' -f4
echo "$doc" | awk -F\" '/accountId/{print $4}'
echo "$doc" | tr ',' '\n' | grep instanceType | awk '{print $3}' | tr -d '"'
