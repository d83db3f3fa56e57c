# Facter's facts about EC2, on an instance whose firmware names Amazon.

require "facter"
require "json"
require "facter/util/facts/posix/virtual_detector"

# On an instance it reads the platform from the firmware's tables.
def (Facter::Util::Facts::Posix::VirtualDetector).platform = "kvm"

puts JSON.generate("metadata" => Facter.value("ec2_metadata"), "user_data" => Facter.value("ec2_userdata"))
