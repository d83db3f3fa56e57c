import"./chunk-A4F44IXP.js";var l=`a ami-id meta-data/ami-id
l ami-launch-index meta-data/ami-launch-index
m ami-manifest-path meta-data/ami-manifest-path
n ancestor-ami-ids meta-data/ancestor-ami-ids
b block-device-mapping
i instance-id meta-data/instance-id
t instance-type meta-data/instance-type
h local-hostname meta-data/local-hostname
o local-ipv4 meta-data/local-ipv4
k kernel-id meta-data/kernel-id
z availability-zone meta-data/placement/availability-zone
c product-codes meta-data/product-codes
p public-hostname meta-data/public-hostname
v public-ipv4 meta-data/public-ipv4
u public-keys
r ramdisk-id meta-data/ramdisk-id
e reservation-id meta-data/reservation-id
s security-groups meta-data/security-groups
d user-data user-data`.split(`
`).map(a=>a.split(" ")),p="http://169.254.169.254/latest";async function u(a){let c=async(...t)=>{let n="";return{exit:await a.run(["curl","-s","-f",...t],{out:i=>n+=i}),text:n}},{exit:$,text:d}=await c("-X","PUT","-H","X-aws-ec2-metadata-token-ttl-seconds: 900",`${p}/api/token`);if($||!d)return a.out(`[ERROR] Could not get IMDSv2 token. Instance Metadata might have been disabled or this is not an EC2 instance.
`),1;let o=async t=>(await c("-H",`X-aws-ec2-metadata-token:${d}`,`${p}/${t}`)).text.split(/\s+/).filter(Boolean).join(" "),m=async([,t,n])=>{if(n){a.out(`${t==="availability-zone"?"placement":t}: ${await o(n)||"not available"}
`);return}a.out(`${t}: 
`);let e=(await o(`meta-data/${t}/`)).split(" ").filter(Boolean);e.length||a.out(`not available
`);for(let i of e)if(t==="block-device-mapping")a.out(`	 ${i}: ${await o(`meta-data/${t}/${i}`)}
`);else{let[s,f]=i.split("="),r=await o(`meta-data/${t}/${s}/`);a.out(`keyname:${f}
index:${s}
format:${r}
key:(begins from next line)
${await o(`meta-data/${t}/${s}/${r}`)}
`)}};for(let t of a.args.length?a.args:["--all"]){let n=l.find(([e,i])=>t===`-${e}`||t===`--${i}`);if(n)await m(n);else if(t==="--all")for(let e of l)await m(e);else return a.out(`Usage: ec2-metadata <option>
Options:
--all
${l.map(([e,i])=>`-${e}/--${i}
`).join("")}`),t==="--help"?0:1}return 0}var v={"ec2-metadata":u,ec2metadata:u};export{v as PROGRAMS};
