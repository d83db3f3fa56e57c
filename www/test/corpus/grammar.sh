# The grammar, and the tools with their options: each group is one case.
echo '# 1'; mkdir -p /tmp/case-1; cd /tmp/case-1
(
for i in 1 2 3; do echo $i; done
)
echo "[$?]"
echo '# 2'; mkdir -p /tmp/case-2; cd /tmp/case-2
(
i=0; while [ $i -lt 3 ]; do echo $i; i=$((i+1)); done
)
echo "[$?]"
echo '# 3'; mkdir -p /tmp/case-3; cd /tmp/case-3
(
until false; do echo x; break; done
)
echo "[$?]"
echo '# 4'; mkdir -p /tmp/case-4; cd /tmp/case-4
(
for ((i=0;i<3;i++)); do echo $i; done
)
echo "[$?]"
echo '# 5'; mkdir -p /tmp/case-5; cd /tmp/case-5
(
if [ -z "$X" ]; then echo empty; elif true; then echo b; else echo c; fi
)
echo "[$?]"
echo '# 6'; mkdir -p /tmp/case-6; cd /tmp/case-6
(
case ap-northeast-1a in *-1a) echo A;; us-*|eu-*) echo B;; *) echo C;; esac
)
echo "[$?]"
echo '# 7'; mkdir -p /tmp/case-7; cd /tmp/case-7
(
f() { local x=$1; echo "in $x $# $@"; return 3; }; f a "b c"; echo $?
)
echo "[$?]"
echo '# 8'; mkdir -p /tmp/case-8; cd /tmp/case-8
(
function g { echo g; }; g
)
echo "[$?]"
echo '# 9'; mkdir -p /tmp/case-9; cd /tmp/case-9
(
[[ abc == a* ]] && echo yes; [[ abc == "a*" ]] || echo no; [[ abc =~ ^a(.)c$ ]] && echo ${BASH_REMATCH[1]}
)
echo "[$?]"
echo '# 10'; mkdir -p /tmp/case-10; cd /tmp/case-10
(
X=ap-northeast-1a; echo ${X%?} ${X::-1} ${X%[a-z]} ${X#*-} ${X##*-} ${X/-/_} ${X//-/_} ${#X} ${X^^} ${X:0:2}
)
echo "[$?]"
echo '# 11'; mkdir -p /tmp/case-11; cd /tmp/case-11
(
echo ${UNSET:-default} ${UNSET-d2} ${UNSET:+set} ${HOME:+set}; : ${Y:=7}; echo $Y
)
echo "[$?]"
echo '# 12'; mkdir -p /tmp/case-12; cd /tmp/case-12
(
cat <<EOF
hi $HOME $(echo sub) \$x `echo b`
	tab
EOF
)
echo "[$?]"
echo '# 13'; mkdir -p /tmp/case-13; cd /tmp/case-13
(
cat <<'EOF'
hi $HOME
EOF
)
echo "[$?]"
echo '# 14'; mkdir -p /tmp/case-14; cd /tmp/case-14
(
cat <<-EOF
	tabbed
	EOF
echo after
)
echo "[$?]"
echo '# 15'; mkdir -p /tmp/case-15; cd /tmp/case-15
(
read a b <<< "1 2 3"; echo "$a|$b"
)
echo "[$?]"
echo '# 16'; mkdir -p /tmp/case-16; cd /tmp/case-16
(
while read -r line; do echo "[$line]"; done <<< "a
b c"
)
echo "[$?]"
echo '# 17'; mkdir -p /tmp/case-17; cd /tmp/case-17
(
printf '%s\n' a b c | while IFS= read -r x; do echo "<$x>"; done
)
echo "[$?]"
echo '# 18'; mkdir -p /tmp/case-18; cd /tmp/case-18
(
arr=(a "b c" d); echo ${#arr[@]} ${arr[1]} "${arr[@]}"; for x in "${arr[@]}"; do echo "$x"; done; arr+=(e); echo ${arr[-1]}
)
echo "[$?]"
echo '# 19'; mkdir -p /tmp/case-19; cd /tmp/case-19
(
declare -A m; m[a]=1; m[b]=2; echo ${m[a]} ${m[b]}
)
echo "[$?]"
echo '# 20'; mkdir -p /tmp/case-20; cd /tmp/case-20
(
set -- x y z; echo $1 $# "$*"; shift; echo $1
)
echo "[$?]"
echo '# 21'; mkdir -p /tmp/case-21; cd /tmp/case-21
(
echo $((2**10)) $((7/2)) $((7%3)) $((1<2)) $(( 5 > 3 ? 1 : 0 ))
)
echo "[$?]"
echo '# 22'; mkdir -p /tmp/case-22; cd /tmp/case-22
(
X=5; ((X++)); echo $X; ((X>10)) || echo small; let X+=2; echo $X
)
echo "[$?]"
echo '# 23'; mkdir -p /tmp/case-23; cd /tmp/case-23
(
(cd /tmp; X=3; echo $X); echo "[$X]"
)
echo "[$?]"
echo '# 24'; mkdir -p /tmp/case-24; cd /tmp/case-24
(
{ echo a; echo b; } | wc -l
)
echo "[$?]"
echo '# 25'; mkdir -p /tmp/case-25; cd /tmp/case-25
(
set -e; false; echo not
)
echo "[$?]"
echo '# 26'; mkdir -p /tmp/case-26; cd /tmp/case-26
(
set -euo pipefail; false | true; echo not
)
echo "[$?]"
echo '# 27'; mkdir -p /tmp/case-27; cd /tmp/case-27
(
printf "%-10s|%5d|%05.2f\n" abc 42 3.14159; printf '%s=%s\n' a 1 b 2
)
echo "[$?]"
echo '# 28'; mkdir -p /tmp/case-28; cd /tmp/case-28
(
echo -e "a\tb\nc"; echo -n x; echo
)
echo "[$?]"
echo '# 29'; mkdir -p /tmp/case-29; cd /tmp/case-29
(
echo "a:b:c" | cut -d: -f2; echo "a b c" | awk '{print $2}'; echo "a b c" | awk '{print $NF, NF, NR}'
)
echo "[$?]"
echo '# 30'; mkdir -p /tmp/case-30; cd /tmp/case-30
(
echo hello | tr a-z A-Z; echo "a  b" | tr -s ' '; echo "a,b" | tr -d ','; echo 'x"y"' | tr -d '"'
)
echo "[$?]"
echo '# 31'; mkdir -p /tmp/case-31; cd /tmp/case-31
(
printf 'b\na\nb\n' | sort | uniq -c | sort -rn
)
echo "[$?]"
echo '# 32'; mkdir -p /tmp/case-32; cd /tmp/case-32
(
printf '1\n10\n2\n' | sort -n; printf '1\n10\n2\n' | sort
)
echo "[$?]"
echo '# 33'; mkdir -p /tmp/case-33; cd /tmp/case-33
(
echo '{"region" : "us-east-1", "n" : 3}' | grep -oE '"region" : "[^"]+"' | cut -d'"' -f4
)
echo "[$?]"
echo '# 34'; mkdir -p /tmp/case-34; cd /tmp/case-34
(
echo '  "region" : "us-east-1",' | grep region | awk -F\" '{print $4}'
)
echo "[$?]"
echo '# 35'; mkdir -p /tmp/case-35; cd /tmp/case-35
(
echo '"AccessKeyId" : "ASIA"' | grep -oP '(?<="AccessKeyId" : ")[^"]+'
)
echo "[$?]"
echo '# 36'; mkdir -p /tmp/case-36; cd /tmp/case-36
(
echo ap-northeast-1a | sed 's/[a-z]$//'; echo ap-northeast-1a | sed -e 's:\([0-9][0-9]*\)[a-z]*$:\1:'; echo abc | sed -E 's/(a)(b)/\2\1/'
)
echo "[$?]"
echo '# 37'; mkdir -p /tmp/case-37; cd /tmp/case-37
(
printf 'a\nb\nc\n' | sed -n '2p'; printf 'a\nb\nc\n' | sed '/b/d'; printf 'a\nb\nc\n' | sed '2,$d'; printf 'a\nb\n' | sed 's/^/> /;$a end'
)
echo "[$?]"
echo '# 38'; mkdir -p /tmp/case-38; cd /tmp/case-38
(
seq 3; seq 2 4; seq -s, 1 2 7
)
echo "[$?]"
echo '# 39'; mkdir -p /tmp/case-39; cd /tmp/case-39
(
echo aGk= | base64 -d; echo hi | base64
)
echo "[$?]"
echo '# 40'; mkdir -p /tmp/case-40; cd /tmp/case-40
(
echo '{"a":[1,2,{"b":"c"}]}' | jq .
)
echo "[$?]"
echo '# 41'; mkdir -p /tmp/case-41; cd /tmp/case-41
(
echo '{"region":"us-east-1","x":null}' | jq -r .region; echo '{"a":1}' | jq '.b'
)
echo "[$?]"
echo '# 42'; mkdir -p /tmp/case-42; cd /tmp/case-42
(
echo '{"R":[{"I":[{"Id":"i-1","Tags":[{"Key":"Name","Value":"x"}]}]}]}' | jq -r '.R[].I[] | "\(.Id) \(.Tags[] | select(.Key=="Name").Value)"'
)
echo "[$?]"
echo '# 43'; mkdir -p /tmp/case-43; cd /tmp/case-43
(
echo '[3,1,2]' | jq -c 'sort, map(.*2), length, add, (.[1:]), first, last, min, max'
)
echo "[$?]"
echo '# 44'; mkdir -p /tmp/case-44; cd /tmp/case-44
(
echo '{"b":1,"a":2}' | jq -c 'keys, to_entries, with_entries(.value+=1), has("a"), del(.a)'
)
echo "[$?]"
echo '# 45'; mkdir -p /tmp/case-45; cd /tmp/case-45
(
echo '"arn:aws:sts::1:assumed-role/r/i-0abc"' | jq -r 'sub("sts";"iam") | sub("assumed-role";"role") | sub("/i-[a-zA-Z0-9]+$";"")'
)
echo "[$?]"
echo '# 46'; mkdir -p /tmp/case-46; cd /tmp/case-46
(
jq -n --arg x 1 '{x:$x, y:(1+2), z:[range(3)]}'
)
echo "[$?]"
echo '# 47'; mkdir -p /tmp/case-47; cd /tmp/case-47
(
echo '{"a":"b"}' | jq -r '@text "x=\(.a)", @json "\(.)", (.a|@base64), ("a b"|@uri), ([1,"x"]|@csv), ([1,"x"]|@tsv), (.a|@sh)'
)
echo "[$?]"
echo '# 48'; mkdir -p /tmp/case-48; cd /tmp/case-48
(
echo '[{"a":1,"b":2},{"a":1,"b":3}]' | jq -c 'group_by(.a)[] | {a:.[0].a, n:length}'; echo '[1,2]' | jq 'reduce .[] as $x (0; .+$x)'
)
echo "[$?]"
echo '# 49'; mkdir -p /tmp/case-49; cd /tmp/case-49
(
echo '{"a":{"b":[1,2]}}' | jq -c 'paths, (..|numbers), .a.b[1], .a["b"][0], .a?.b, (.x // "d"), (if .a then 1 else 2 end)'
)
echo "[$?]"
echo '# 50'; mkdir -p /tmp/case-50; cd /tmp/case-50
(
echo '1 2' | jq '. as $x | [$x, $x*2]' -c; echo '"a,b"' | jq -c 'split(","), test("a"), ascii_upcase, length, ltrimstr("a")'
)
echo "[$?]"
echo '# 51'; mkdir -p /tmp/case-51; cd /tmp/case-51
(
echo 'a.b' | cut -c1; echo abc | cut -c2-; echo a:b | cut -d: -f1,2
)
echo "[$?]"
echo '# 52'; mkdir -p /tmp/case-52; cd /tmp/case-52
(
grep -c x <<< $'x\ny\nx'; grep -v x <<< $'x\ny'; grep -n y <<< $'x\ny'; grep -i X <<< x; grep -w foo <<< 'foobar foo'; echo $?
)
echo "[$?]"
echo '# 53'; mkdir -p /tmp/case-53; cd /tmp/case-53
(
x=$(cat <<EOF
a
b
EOF
); echo "$x"
)
echo "[$?]"
echo '# 54'; mkdir -p /tmp/case-54; cd /tmp/case-54
(
echo {a,b}{1,2} {1..3} x{,y}
)
echo "[$?]"
echo '# 55'; mkdir -p /tmp/case-55; cd /tmp/case-55
(
test -n "" ; echo $?; [ a = a -a b = b ]; echo $?; [ ! -f /nope ] && echo none; [ 1 -eq x ]; echo $?
)
echo "[$?]"
echo '# 56'; mkdir -p /tmp/case-56; cd /tmp/case-56
(
eval 'echo $((1+1))'; X='echo hi'; $X; Y=HOME; echo ${!Y}
)
echo "[$?]"
echo '# 57'; mkdir -p /tmp/case-57; cd /tmp/case-57
(
trap 'echo bye' EXIT; echo hi
)
echo "[$?]"
echo '# 58'; mkdir -p /tmp/case-58; cd /tmp/case-58
(
for f in *.nothing; do echo $f; done; touch b.txt a.txt; echo *.txt; for f in *.txt; do echo ${f%.txt}; done
)
echo "[$?]"
echo '# 59'; mkdir -p /tmp/case-59; cd /tmp/case-59
(
echo "$(< /dev/null)" ; echo hi > f; echo "$(<f)"; mkdir -p d/e; echo x > d/e/f; cat d/e/*; ls d
)
echo "[$?]"
echo '# 60'; mkdir -p /tmp/case-60; cd /tmp/case-60
(
cat > s.sh <<'EOF'
#!/bin/bash
echo "$0 $1"
exit 4
EOF
chmod +x s.sh; ./s.sh arg; echo $?; bash s.sh b; bash -c 'echo $1' _ c
)
echo "[$?]"
echo '# 61'; mkdir -p /tmp/case-61; cd /tmp/case-61
(
awk 'BEGIN{for(i=0;i<3;i++) s+=i; print s; printf "%s-%d\n","a",5}'; printf 'a 1\nb 2\na 3\n' | awk '{s[$1]+=$2} END{print s["a"], s["b"]}'; echo 'a,b' | awk -F, -v x=1 '{print $1 x, toupper($2), length($0), substr($0,2,1)}'
)
echo "[$?]"
echo '# 62'; mkdir -p /tmp/case-62; cd /tmp/case-62
(
printf 'k: v\nz: w\n' | awk -F': ' '/^z/{print $2}'; printf '1\n2\n3\n' | awk 'NR>1 && NR<3'; echo "a b" | awk '{ if ($1 == "a") print "yes"; else print "no" }'; echo aXbX | awk '{gsub(/X/,"-"); print}'
)
echo "[$?]"
echo '# 63'; mkdir -p /tmp/case-63; cd /tmp/case-63
(
echo a | xargs -I{} echo x{}y; echo 1 2 3 | xargs -n1 echo; printf 'a\nb\n' | xargs
)
echo "[$?]"
echo '# 64'; mkdir -p /tmp/case-64; cd /tmp/case-64
(
command -v curl >/dev/null && echo has; type echo; command -v nosuchthing || echo none
)
echo "[$?]"
echo '# 65'; mkdir -p /tmp/case-65; cd /tmp/case-65
(
a=1; b=$a$a; a+=2; echo $a $b; IFS=, read -r x y <<< "1,2,3"; echo "$x;$y"; IFS=:; for p in $(echo a:b); do echo $p; done
)
echo "[$?]"
echo '# 66'; mkdir -p /tmp/case-66; cd /tmp/case-66
(
! grep -q x <<< y && echo ok; true && { echo in; } || echo no; false || (exit 3); echo $?
)
echo "[$?]"
echo '# 67'; mkdir -p /tmp/case-67; cd /tmp/case-67
(
while true; do i=$((i+1)); [ $i -gt 2 ] && break; [ $i = 1 ] && continue; echo $i; done
)
echo "[$?]"
echo '# 68'; mkdir -p /tmp/case-68; cd /tmp/case-68
(
echo one two | { read a b; echo $b; }; echo x | tee f | cat; cat f; basename /a/b.c .c; dirname /a/b; head -c 3 <<< abcdef; echo; tail -n 1 <<< $'a\nb'
)
echo "[$?]"
echo '# 69'; mkdir -p /tmp/case-69; cd /tmp/case-69
(
n=3; while ((n-->0)); do echo -n "$n "; done; echo; a=(); echo ${#a[@]}; echo "${a[@]:-none}"
)
echo "[$?]"
echo '# 70'; mkdir -p /tmp/case-70; cd /tmp/case-70
(
X="a b c"; set -- $X; echo $#; for x; do echo $x; done; echo "${@:2}"; echo ${*}
)
echo "[$?]"
echo '# 71'; mkdir -p /tmp/case-71; cd /tmp/case-71
(
case "$1" in "") echo empty ;; esac; case abc in a?c) echo m;; esac; case x in [xy]) echo c ;& z) echo fall ;; esac
)
echo "[$?]"
echo '# 72'; mkdir -p /tmp/case-72; cd /tmp/case-72
(
echo 'a b  c' | awk '{$2="X"; print; print $1,$3}' OFS=-
)
echo "[$?]"
echo '# 73'; mkdir -p /tmp/case-73; cd /tmp/case-73
(
printf '%s\n' 'foo=1' 'bar=2' | sed -nE 's/^(\w+)=(.*)$/\2 \1/p'; echo abc | sed 'y/abc/xyz/'; printf 'a\nb\n' | sed -e '1i top' -e '/b/c\changed'; printf '1\n2\n3\n' | sed '1!G;h;$!d'
)
echo "[$?]"
echo '# 74'; mkdir -p /tmp/case-74; cd /tmp/case-74
(
echo '<?xml version="1.0"?>' | jq -r .region 2>&1 >/dev/null; true
)
echo "[$?]"
echo '# 75'; mkdir -p /tmp/case-75; cd /tmp/case-75
(
printf 'x\n' | jq . 2>&1; true
)
echo "[$?]"
echo '# 76'; mkdir -p /tmp/case-76; cd /tmp/case-76
(
echo '{"a":' | jq . 2>&1; true
)
echo "[$?]"
echo '# 77'; mkdir -p /tmp/case-77; cd /tmp/case-77
(
echo '[{"InstanceId":"i-1","MetadataOptions":{"HttpTokens":"optional"}},{"InstanceId":"i-2","MetadataOptions":{"HttpTokens":"required"}}]' | jq -r '.[] | select(.MetadataOptions.HttpTokens != "required") | .InstanceId'
)
echo "[$?]"
echo '# 78'; mkdir -p /tmp/case-78; cd /tmp/case-78
(
echo '[{"a":1}]' | jq '.[0] | .a |= .+1 | .b = "x" | .c += 2'
)
echo "[$?]"
echo '# 79'; mkdir -p /tmp/case-79; cd /tmp/case-79
(
echo '{"Expiration":"2020-09-26T20:45:29Z"}' | jq '.Expiration | fromdateiso8601, (.[0:4]), (fromdate | todate)'
)
echo "[$?]"
echo '# 80'; mkdir -p /tmp/case-80; cd /tmp/case-80
(
echo '[1,[2,[3]]]' | jq -c 'flatten, (..|select(type=="number")), [limit(2;.[])], (try error("x") catch .), any, all, (map(type))'
)
echo "[$?]"
echo '# 81'; mkdir -p /tmp/case-81; cd /tmp/case-81
(
echo '["a","b"]' | jq -r 'join(","), .[], @csv, (to_entries[] | "\(.key): \(.value)"), index("b")'
)
echo "[$?]"
echo '# 82'; mkdir -p /tmp/case-82; cd /tmp/case-82
(
echo '"x y"' | jq -r '@sh "echo \(.)", @html, (explode|implode), ([scan("[a-z]")]|join("-")), (capture("(?<first>\\w) (?<second>\\w)").second)'
)
echo "[$?]"
echo '# 83'; mkdir -p /tmp/case-83; cd /tmp/case-83
(
jq -n '[range(0;6;2)]' 2>/dev/null || true; jq -nc '[1,2,3] as [$a,$b] | {a:$a,$b}'; jq -n 'def f(x): x*2; f(3)'; jq -nr '"\(1+2) \("a"+"b")"'; jq -n '{"a b":1}."a b"'; jq -n 'if true then "y" else "n" end, (1,2|.+1), -1, 1.5, 1e3, [.[]?], {} , []'
)
echo "[$?]"
echo '# 84'; mkdir -p /tmp/case-84; cd /tmp/case-84
(
echo '{"a":[{"b":1},{"b":2}]}' | jq '.a[].b, .a[-1].b, (.a|map(.b)|add), (.a|length), [.a[]|.b]|tostring' -c
)
echo "[$?]"
echo '# 85'; mkdir -p /tmp/case-85; cd /tmp/case-85
(
jq -c -s . <<< '1 2'; jq -R . <<< 'raw'; jq -r --argjson n 5 '$n+1' <<< null; jq -j '.[]' <<< '["a","b"]'; echo; jq -S -c . <<< '{"b":1,"a":2}'; jq --tab . <<< '[1]'; jq --indent 1 . <<< '{"a":1}'
)
echo "[$?]"
echo '# 86'; mkdir -p /tmp/case-86; cd /tmp/case-86
(
FOO=bar jq -n 'env.FOO, $ENV.FOO' ; export Z=1; jq -n '$ENV.Z'
)
echo "[$?]"
echo '# 87'; mkdir -p /tmp/case-87; cd /tmp/case-87
(
grep -E 'a{2}|^b$' <<< $'aa\nb\nbb'; grep '\(a\)\1' <<< $'aa\nab'; grep -A1 x <<< $'x\ny\nz'; grep -B1 z <<< $'x\ny\nz'; grep -m1 . <<< $'a\nb'; grep -F '.' <<< $'a.b\nab'; grep -q a <<< a; echo $?; grep nope /nope; echo $?
)
echo "[$?]"
echo '# 88'; mkdir -p /tmp/case-88; cd /tmp/case-88
(
grep -Po '"region"\s*:\s*"\K[^"]+' <<< '{"region" : "us-east-1"}'; grep -oP '\d+(?=px)' <<< '12px 13em'; grep -o 'i-[0-9a-f]*' <<< 'x i-0abc y i-1'
)
echo "[$?]"
echo '# 89'; mkdir -p /tmp/case-89; cd /tmp/case-89
(
sed 's/.*"region" *: *"\([^"]*\)".*/\1/' <<< '  "region" : "us-east-1",'; sed -n 's/.*"accountId" : "\(.*\)".*/\1/p' <<< '  "accountId" : "123",'; sed 's|/|_|g' <<< a/b/c; sed 's/a/b/2' <<< aaa; sed -n '/start/,/end/p' <<< $'x\nstart\ny\nend\nz'; sed 's/^[ \t]*//;s/[ \t]*$//' <<< '  a b  '; sed '$!d' <<< $'a\nb'; sed -n '$=' <<< $'a\nb'; sed '/^$/d;/^#/d' <<< $'a\n\n#c\nb'; sed 's/\./\n/g' <<< a.b; sed 's/x*/-/g' <<< abxc; sed 's/&/and/; s/b/[&]/' <<< 'a&b'; sed 's/\(.*\).$/\1/' <<< us-east-1a; sed 's/.$//' <<< us-east-1a
)
echo "[$?]"
echo '# 90'; mkdir -p /tmp/case-90; cd /tmp/case-90
(
awk '/x/{c++} END{print c+0}' <<< $'x\ny\nx'; awk 'NR==2{print;exit}' <<< $'a\nb\nc'; awk -F'[:,]' '{print $2}' <<< 'a:b,c'; awk '{print $1 "-" $2}' <<< 'a b'; awk '{printf "%s %d\n", $1, $2*2}' <<< 'a 4'; awk 'length>2' <<< $'ab\nabc'; awk '!s[$0]++' <<< $'a\na\nb'; awk '{n=split($0,p,"-"); print p[1] "-" p[2], n}' <<< us-east-1; awk -F/ '{print $NF}' <<< a/b/c; awk '$2>1{print $1}' <<< $'a 1\nb 2'; awk 'BEGIN{print length("abc"), substr("hello",2,3), index("abc","c"), toupper("x"), int(3.7), 7%3, 2^3, 1/4}'; awk '{$1=""; print}' <<< 'a b c'; awk 'END{print NR}' <<< $'a\nb'; awk '{ for (i = NF; i > 0; i--) printf "%s ", $i; print "" }' <<< 'a b c'
)
echo "[$?]"
echo '# 91'; mkdir -p /tmp/case-91; cd /tmp/case-91
(
awk 'BEGIN { while (i < 3) { i++; if (i == 2) continue; print i } }
/a/ { x = $1
  y = x "!"
  print y }
END { print "done" }' <<< $'a\nb'
)
echo "[$?]"
echo '# 92'; mkdir -p /tmp/case-92; cd /tmp/case-92
(
echo "$(printf 'a\nb\n' | while read x; do echo "[$x]"; done)"; f() { echo "$#:$1"; }; f "$(echo 'a b')" ; f $(echo a b); f ""
)
echo "[$?]"
echo '# 93'; mkdir -p /tmp/case-93; cd /tmp/case-93
(
X=$'line1\nline2'; echo "$X" | head -1; echo "${X%%$'\n'*}"; [[ -n $X && $X != *foo* ]] && echo ok; [ "$X" == "x" ] || echo no; [[ 10 -gt 9 ]] && echo gt; [[ a < b ]] && echo lt
)
echo "[$?]"
echo '# 94'; mkdir -p /tmp/case-94; cd /tmp/case-94
(
retry() { local n=0; until "$@"; do n=$((n+1)); [ $n -ge 3 ] && return 1; done; }; retry false; echo $?; retry true; echo $?
)
echo "[$?]"
echo '# 95'; mkdir -p /tmp/case-95; cd /tmp/case-95
(
log() { echo "[$(date +%Y >/dev/null; echo T)] $*"; }; log hello world; readonly R=1; echo $R; unset -v X; X=(1 2); unset 'X[0]'; echo ${X[@]}; echo ${#X[@]}
)
echo "[$?]"
echo '# 96'; mkdir -p /tmp/case-96; cd /tmp/case-96
(
while getopts x o; do :; done 2>/dev/null; echo a; for i in $(seq 1 3); do [ $i -eq 2 ] && continue; echo $i; done; i=0; while :; do ((i++)); ((i==3)) && break; done; echo $i
)
echo "[$?]"
echo '# 97'; mkdir -p /tmp/case-97; cd /tmp/case-97
(
if ! command -v jq &>/dev/null; then echo none; else echo jq; fi; if [ "$(id -u)" -ne 0 ]; then echo notroot; fi; type -t echo 2>/dev/null || true; [ -t 1 ] || echo notty; [ -e /etc/passwd ] || true
)
echo "[$?]"
echo '# 98'; mkdir -p /tmp/case-98; cd /tmp/case-98
(
echo a > f; echo b >> f; cat f | wc -l; wc -l < f; wc -c f; sort -r f; uniq f; cat f f | sort -u; rm f; [ -f f ] || echo gone; cat <<< "x" > g; cat g; cp g h; mv h i; ls; mkdir -p a/b && touch a/b/c && ls a; echo $PWD >/dev/null; cd a && ls; cd - >/dev/null; ls *
)
echo "[$?]"
echo '# 99'; mkdir -p /tmp/case-99; cd /tmp/case-99
(
echo $(( $(echo 5) + 2 )); echo $((0x1f)) $((010)); a=3; echo $((a*a)) $((a+=1)) $a; echo $((a++ + ++a)); printf '%03d\n' 7; printf '%x\n' 255; printf '%s' a b; echo; printf '%b\n' 'a\tb'; printf "%5.1f%%\n" 12.34; printf '%q\n' "a b"
)
echo "[$?]"
echo '# 100'; mkdir -p /tmp/case-100; cd /tmp/case-100
(
IFS=$'\n'; for l in $(printf 'a b\nc'); do echo "<$l>"; done; unset IFS; x='a  b'; echo $x; echo "$x"; set -f; echo *; set +f; y=*; echo "$y"
)
echo "[$?]"
echo '# 101'; mkdir -p /tmp/case-101; cd /tmp/case-101
(
tr '[:lower:]' '[:upper:]' <<< abc; tr -cd '0-9\n' <<< a1b2; tr -d '\n' <<< abc; echo; tr ':' '\n' <<< a:b; cut -d, -f1- <<< a,b,c; cut -f2 <<< $'a\tb'; rev <<< abc; tac <<< $'1\n2'; paste -sd, <<< $'a\nb'; seq 5 -2 1; nl <<< $'a\nb'; head -n -1 <<< $'a\nb\nc'; tail -n +2 <<< $'a\nb\nc'
)
echo "[$?]"
echo '# 102'; mkdir -p /tmp/case-102; cd /tmp/case-102
(
exec > out.txt 2>&1; echo a; cat nothing; cat out.txt >/dev/null
)
echo "[$?]"
