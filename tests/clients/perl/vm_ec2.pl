# VM::EC2: every value of its reader of metadata, and its EC2 client with the instance's credentials.

use strict;
use warnings;
use JSON;
use VM::EC2;
use VM::EC2::Instance::Metadata;

my $metadata = VM::EC2::Instance::Metadata->new;
my $credentials = $metadata->iam_credentials;
my $ec2 = VM::EC2->new(-security_token => $credentials, -endpoint => "http://$ARGV[0]/");
my @instances = $ec2->describe_instances;
die $ec2->error_str if $ec2->is_error;
print JSON->new->canonical->encode({
    access_key => $credentials->accessKeyId,
    instance_id => scalar $metadata->instanceId,
    region => scalar $metadata->region,
    mac => scalar $metadata->mac,
    user_data => scalar $metadata->userData,
    keys => [$metadata->publicKeys],
    groups => [$metadata->securityGroups],
    devices => $metadata->blockDeviceMapping,
    interfaces => $metadata->interfaces,
    profile => $metadata->iam_info->{InstanceProfileArn},
    instances => [map { $_->instanceId } @instances],
    tags => { map { %{$_->tags} } @instances },
});
