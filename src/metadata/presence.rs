use super::ReadContext;
use super::table::{Collection, Leaf};

/// What an instance may have or lack, as a set: a bit for each such leaf and collection, and one that every instance has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Things(u64);

impl Things {
    pub const NONE: Things = Things(0);
    /// What every instance has.
    pub const ALWAYS: Things = Things(1 << 63);

    pub const fn or(self, other: Things) -> Things {
        Things(self.0 | other.0)
    }

    /// Whether one at least is in both sets.
    pub const fn meets(self, other: Things) -> bool {
        self.0 & other.0 != 0
    }

    const fn one(thing: Thing) -> Things {
        Things(1 << thing as u32)
    }
}

/// Numbers the things, and asks for each in a row of questions: a listing asks about most of them.
macro_rules! things {
    (leaves: $($leaf:ident)*; collections: $($collection:ident)*;) => {
        #[derive(Clone, Copy)]
        enum Thing { $($leaf,)* $($collection,)* }

        impl Leaf {
            /// What an instance has that has a value for the leaf; the values themselves are in `ReadContext::value`.
            pub const fn thing(self) -> Things {
                match self {
                    $(Leaf::$leaf => Things::one(Thing::$leaf),)*
                    _ => Things::ALWAYS,
                }
            }
        }

        impl Collection {
            /// What an instance has that has a member.
            pub const fn thing(self) -> Things {
                match self {
                    $(Collection::$collection => Things::one(Thing::$collection),)*
                    _ => Things::ALWAYS,
                }
            }
        }

        impl ReadContext<'_> {
            /// All that the instance has, its interface `of` included.
            pub(super) fn things(&self, of: usize) -> Things {
                let mut things = Things::ALWAYS;
                $(things.0 |= u64::from(self.value(Leaf::$leaf, of).is_some()) << Thing::$leaf as u32;)*
                $(things.0 |= u64::from(self.has_members(Collection::$collection, of)) << Thing::$collection as u32;)*
                things
            }
        }
    };
}

things! {
    leaves:
        AncestorAmiIds GroupName HibernationConfigured HostId IamInfo InterfaceLocalHostname InterfacePublicHostname Ipv6
        Ipv6Prefixes Ipv6s KernelId LocalIpv4 LocalIpv4s NetworkCard PartitionNumber ProductCodes PublicHostname PublicIpv4
        PublicIpv4s RamdiskId Rebalance SignerCert SpotInstanceAction SpotTerminationTime SubnetIpv4CidrBlock
        SubnetIpv6CidrBlocks TargetLifecycleState UserData VpcIpv4CidrBlock VpcIpv4CidrBlocks VpcIpv6CidrBlocks;
    collections:
        ActiveKeys ElasticGpus ElasticInference Ipv4Associations PublicKeys Roles SignerOcsp Tags;
}
