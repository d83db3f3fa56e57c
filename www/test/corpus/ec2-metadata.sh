# The program of Amazon Linux.
ec2-metadata -i
ec2-metadata --instance-type | cut -d ' ' -f 2
ec2-metadata -z -v -k -b
ec2-metadata -u | head -n 4
ec2-metadata --availability-zone | sed 's/placement: \(.*\).$/\1/'
