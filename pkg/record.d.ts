// The JSON of records and fleets. A test prints this file from the Rust sources:
// BLESS=1 cargo test -p imds-ec2 --test record_reference

/**
 * The description of one instance. Only the type is required. Values that every instance has are
 * generated from the seed if the record does not have them. An instance has a role, a key, tags,
 * user data and the like only if the record has.
 */
export interface InstanceRecord {
  /**
   * The instance type, a family and a size: for example `t3.micro`. It selects the profile, the
   * architecture and the instance store volumes. Types that are not known here are allowed, because
   * EC2 often gets new ones.
   */
  instance_type: string;
  /** `nitro` or `xen`. The default is the profile of the instance type. */
  profile?: 'nitro' | 'xen';
  /**
   * The newest version of the tree that the instance has. A Nitro instance keeps the one of its
   * launch.
   */
  newest_version?: string;
  /**
   * The value of `system`: `nitro`, `xen`, or `xen-on-nitro` for a Xen-based type that runs on
   * Nitro hardware. The default is the profile.
   */
  system?: 'nitro' | 'xen' | 'xen-on-nitro';
  /** For example `i-0123456789abcdef0`. */
  instance_id?: string;
  /** For example `ami-0123456789abcdef0`. */
  ami_id?: string;
  /** The index of the instance in its launch, from 0. */
  ami_launch_index?: number;
  /** The path of the image's manifest. The default is `(unknown)`, which images on EBS have. */
  ami_manifest_path?: string;
  /** The images from which the image was made. */
  ancestor_ami_ids?: string[];
  /** `x86_64` or `arm64`. The default is the architecture of the instance type. */
  architecture?: string;
  /** The account: twelve digits. */
  account_id?: string;
  /**
   * For example `us-east-1a` (the default). The Region, the partition and all domains derive from
   * it.
   */
  availability_zone?: string;
  /**
   * For example `use1-az4`. The default derives from `availability_zone`; `false` means none, as on
   * some older instances.
   */
  availability_zone_id?: string | false;
  /** The Region, for example `us-east-1`. The default derives from `availability_zone`. */
  region?: string;
  /**
   * The partition, for example `aws-us-gov`. The default is the one of the Region, and `aws` for a
   * Region that is not known here.
   */
  partition?: string;
  /**
   * The domain of the partition's services, for example `amazonaws.com`, which public host names
   * end in. The default is the one of the Region.
   */
  domain?: string;
  /** The ARN of the Outpost that the instance runs on. */
  outpost_arn?: string;
  /**
   * The time of the launch, which is the `Last-Modified` of most metadata. The default is the time
   * of the start.
   */
  launch_time?: string;
  /** For example `r-0123456789abcdef0`. */
  reservation_id?: string;
  /**
   * `on-demand`, `spot` or `scheduled`. The default is `spot` with a `spot_interruption`, else
   * `on-demand`.
   */
  instance_life_cycle?: string;
  /** `none` (the default), `shutdown` or `bundle-pending`. */
  instance_action?: string;
  /** The kernel of a paravirtual image, for example `aki-5c21674b`. */
  kernel_id?: string;
  /** The RAM disk of a paravirtual image, for example `ari-01bb5768`. */
  ramdisk_id?: string;
  /** AWS Marketplace product codes. */
  product_codes?: string[];
  /** Billing products, for example `bp-6ba54002`. */
  billing_products?: string[];
  /** The placement group. */
  placement_group?: string;
  /** The dedicated host. */
  host_id?: string;
  /** The partition of the placement group. */
  partition_number?: number;
  /**
   * Device names, by `ami`, `root`, `ebs1`, `ephemeral0` and so on. The default is `/dev/xvda` for
   * `root`, and for `ami` the same on Xen and `xvda` on Nitro. A type with instance store volumes
   * that are not NVMe has them as `sdb`, `sdc` and so on. `{}` means none.
   */
  block_device_mapping?: { [key: string]: string };
  /** Whether detailed monitoring is on. The default is `disabled`. */
  monitoring?: 'disabled' | 'enabled';
  /** The key pairs of the launch. */
  public_keys?: PublicKey[];
  /** User data as text, at most 16,384 bytes. */
  user_data?: string;
  /** User data as base64, at most 16,384 bytes decoded. Conflicts with `user_data`. */
  user_data_base64?: string;
  /** The role of the instance profile. */
  role?: Role;
  /**
   * Whether the times of credentials vary as on EC2: `LastUpdated` is up to 106 seconds before that
   * of `iam/info`, and `Expiration` 6 hours and 1 to 27 minutes later. With `disabled`, both
   * documents have the same `LastUpdated`, and `Expiration` is exactly 6 hours later. The default
   * is `enabled`.
   */
  credential_jitter?: 'disabled' | 'enabled';
  /**
   * The interfaces, the primary one first. The default is one generated interface, also for `[]`,
   * because each instance has one.
   */
  network_interfaces?: NetworkInterface[];
  /** The form of the private host name: `ip-name` (the default) or `resource-name`. */
  hostname_type?: 'ip-name' | 'resource-name';
  /** Whether the VPC gives public host names (`enableDnsHostnames`). The default is `true`. */
  dns_hostnames?: boolean;
  /**
   * The domain names of the VPC's DHCP options, which the private host name ends in, with blanks
   * between them. The default is the domain of the Region, for example `ec2.internal`; `[]` means
   * none. EC2's API shows the Region's domain in any case.
   */
  domain_names?: string[];
  /**
   * The instance's tags, at most 50 without those that start with `aws:`. A key has at most 128
   * characters, a value 256. `instance_metadata_tags` makes them visible, and restricts their keys.
   * In a record that replaces another, `{}` removes all tags.
   */
  tags?: { [key: string]: string };
  /** The target lifecycle state of an instance in an Auto Scaling group. */
  target_lifecycle_state?: string;
  /** Whether the instance is configured to hibernate. */
  hibernation_configured?: boolean;
  /** A spot interruption notice. */
  spot_interruption?: SpotInterruption;
  /** A rebalance recommendation. */
  rebalance_recommendation?: RebalanceRecommendation;
  /** Scheduled events, active and past. */
  maintenance_events?: MaintenanceEvent[];
  /** JSON texts, by id. */
  elastic_gpus?: { [key: string]: string };
  /** JSON texts, by id. */
  elastic_inference?: { [key: string]: string };
  /** The keys for EC2 Instance Connect. */
  managed_ssh_keys?: ManagedSshKeys;
  /** The signatures of the identity document, or the key that makes them. */
  identity?: Identity;
  /** The metadata options of the launch. */
  metadata_options?: MetadataOptionsChange;
  /**
   * Further paths, for what this program does not know: for example `meta-data/new-category`. A
   * value is text, or JSON, which is served on one line. The paths are in the newest version of the
   * instance and in `latest`.
   */
  extra?: { [key: string]: string | number | boolean | object };
}

/**
 * Metadata options to set. An option that is not set keeps its value; at launch, EC2's default.
 */
export interface MetadataOptionsChange {
  /** Whether requests need a token. EC2's default is `optional`. */
  http_tokens?: 'optional' | 'required';
  /** The hop limit of the response to a PUT, in network hops. EC2's default is 1. */
  http_put_response_hop_limit?: number;
  /** Whether metadata is served (EC2's default). If not, each request is answered with 403. */
  http_endpoint?: 'disabled' | 'enabled';
  /** Whether metadata is served over IPv6. EC2's default is `disabled`. */
  http_protocol_ipv6?: 'disabled' | 'enabled';
  /** Whether the instance's tags are in the metadata. EC2's default is `disabled`. */
  instance_metadata_tags?: 'disabled' | 'enabled';
}

/**
 * The role of an instance profile. Its credentials derive from the seed and rotate on the clock.
 */
export interface Role {
  /** The name of the role. */
  name: string;
  /**
   * The instance profile: a name, a path and a name such as `team/web`, or a whole ARN. The default
   * is the name of the role.
   */
  instance_profile?: string;
  /** For example `AIPAVMQT32F2Q43IXV2TC`. */
  instance_profile_id?: string;
  /**
   * A `Code` to serve instead of credentials, for example `AssumeRoleUnauthorizedAccess`, which
   * also has a `Message`.
   */
  failure?: string;
}

/** A network interface. */
export interface NetworkInterface {
  /** For example `02:91:d3:09:63:0c`. */
  mac?: string;
  /** For example `eni-0123456789abcdef0`. */
  interface_id?: string;
  /** The device number on the instance. The default is the index in the list. */
  device_number?: number;
  /** The network card, on instances with several of them. */
  network_card?: number;
  /**
   * The private addresses, with the prefixes at most 64. The default is one generated address, or
   * none if there are `ipv6s`; `[]` means none, as on an interface of type `efa-only`.
   */
  local_ipv4s?: string[];
  /**
   * The public addresses, each associated with the private address of the same index. The default
   * is none.
   */
  public_ipv4s?: string[];
  /** Delegated IPv4 prefixes, for example `10.0.0.16/28`. The default is none. */
  ipv4_prefixes?: string[];
  /** The IPv6 addresses, with the prefixes at most 64. The default is none. */
  ipv6s?: string[];
  /** Delegated IPv6 prefixes, for example `2001:db8:1::/80`. The default is none. */
  ipv6_prefixes?: string[];
  /**
   * The security groups, at most 16. The default is one group with the name `default`; `[]` means
   * none.
   */
  security_groups?: SecurityGroup[];
  /**
   * For example `subnet-0123456789abcdef0`. Interfaces of the same subnet have the same CIDR
   * blocks.
   */
  subnet_id?: string;
  /**
   * For example `10.0.0.0/24`. The default contains the interface's addresses. There is none for an
   * interface with `ipv6s` alone, or in a VPC without IPv4 blocks.
   */
  subnet_ipv4_cidr_block?: string;
  /** For example `2001:db8:1::/64`. The default is none. */
  subnet_ipv6_cidr_blocks?: string[];
  /** For example `vpc-0123456789abcdef0`. Interfaces of the same VPC have the same CIDR blocks. */
  vpc_id?: string;
  /**
   * For example `10.0.0.0/16`. The primary block of the VPC is first. The default contains the
   * subnet, if that has a block; `[]` means none.
   */
  vpc_ipv4_cidr_blocks?: string[];
  /** For example `2001:db8:1::/56`. The default is none. */
  vpc_ipv6_cidr_blocks?: string[];
}

/** A security group. */
export interface SecurityGroup {
  /** For example `sg-0a00ecb871bb15fb3`. */
  id: string;
  /** The name of the group. */
  name: string;
}

/** The public half of a key pair. */
export interface PublicKey {
  /** The key pair's name. */
  name: string;
  /** The key as one line of `authorized_keys`. */
  openssh_key: string;
}

/** The interruption of a spot instance. */
export interface SpotInterruption {
  /** The action. */
  action: 'hibernate' | 'stop' | 'terminate';
  /** The time of the action. */
  time: string;
  /** The time from which the notice is in the metadata. By default it always is. */
  noticed?: string;
}

/** An elevated risk of interruption. */
export interface RebalanceRecommendation {
  /** The time of the recommendation. It is in the metadata from then on. */
  notice_time: string;
}

/** A scheduled event. */
export interface MaintenanceEvent {
  /** The kind of event, for example `system-reboot`. */
  code: string;
  /** For example `instance-event-0d59937288b749b32`. */
  event_id: string;
  /** A description of the event. */
  description: string;
  /** `active`, `completed` or `canceled`. */
  state: 'active' | 'canceled' | 'completed';
  /** The earliest start. */
  not_before: string;
  /** The latest end. */
  not_after?: string;
  /** The latest start. */
  not_before_deadline?: string;
}

/** The keys for EC2 Instance Connect. */
export interface ManagedSshKeys {
  /** The certificate of the signer, in PEM. */
  signer_cert: string;
  /** OCSP responses, by the fingerprint of the certificate. */
  signer_ocsp?: { [key: string]: string };
  /** Temporary public keys, by user. */
  active_keys?: { [key: string]: string };
}

/**
 * The signatures of the identity document: either a key that signs it, or texts to serve in their
 * place. With neither, the server uses the key of `--identity-key`; without that flag, the
 * signatures say that they are none, in valid DER. Only the server signs; everything else rejects a
 * key.
 */
export interface Identity {
  /** The certificate of the key, in PEM. Needs `private_key`. */
  certificate?: string;
  /**
   * The RSA key that signs, of 2048 to 4096 bits, in PEM: PKCS #8 or PKCS #1, not encrypted. It is
   * a secret: a state file contains it. Needs `certificate`.
   */
  private_key?: string;
  /** The PKCS #7 signature, in base64. Conflicts with `certificate`, like the next two. */
  pkcs7?: string;
  /** The PKCS #7 signature of the RSA-2048 key, in base64. */
  rsa2048?: string;
  /** The signature alone, in base64. */
  signature?: string;
}

/** The file of a fleet. Each key is optional. */
export interface Fleet {
  /** The record that launches through the Query API start from. */
  launch_template?: InstanceRecord;
  /** The account's defaults for metadata options. */
  account_defaults?: AccountDefaults;
  /** The properties of images, by image id. */
  images?: { [key: string]: MachineImage };
  /** The instances that run from the start. */
  instances?: InstanceRecord[];
  /** The values of the next instances, in the order of their launches. */
  next_instances?: InstanceOverrides[];
}

/**
 * The account's defaults for the metadata options of launches in the Region; `None` means no
 * default. EC2's API has no default for `HttpProtocolIpv6`.
 */
export interface AccountDefaults {
  /** `HttpTokens` */
  http_tokens?: 'optional' | 'required';
  /** `HttpPutResponseHopLimit` */
  http_put_response_hop_limit?: number;
  /** `HttpEndpoint` */
  http_endpoint?: 'disabled' | 'enabled';
  /** `InstanceMetadataTags` */
  instance_metadata_tags?: 'disabled' | 'enabled';
  /**
   * `HttpTokensEnforced`. If enabled, launches and changes with `HttpTokens` `optional` are
   * rejected.
   */
  http_tokens_enforced?: 'disabled' | 'enabled';
}

/** The properties of an image that matter to a launch. */
export interface MachineImage {
  /** Whether `imds-support` is `v2.0`: launches require tokens and get a hop limit of 2. */
  imds_support_v2?: boolean;
  /** `x86_64` or `arm64`. The default is the architecture of the instance type. */
  architecture?: string;
  /** For example `/dev/sda1`. The default is `/dev/xvda`. */
  root_device_name?: string;
}

/**
 * The values of one instance of a launch. Values that are not set are generated from the seed, for
 * each instance.
 */
export interface InstanceOverrides {
  /** For example `i-0123456789abcdef0`. */
  instance_id?: string;
  /** For example `r-0123456789abcdef0`. The first instance of a launch sets it for all. */
  reservation_id?: string;
  /** The index of the instance in its launch, from 0. */
  ami_launch_index?: number;
  /** The time of the launch. */
  launch_time?: string;
  /**
   * The values of each interface of the launch. Of further interfaces of the launch, nothing is
   * set.
   */
  interfaces?: InterfaceOverrides[];
  /** The tags, in addition to the launch's. A key can be one that the metadata cannot show. */
  tags?: { [key: string]: string };
}

/** The values of one interface of an instance. */
export interface InterfaceOverrides {
  /** For example `02:91:d3:09:63:0c`. */
  mac?: string;
  /** For example `eni-0123456789abcdef0`. */
  interface_id?: string;
  /** The private addresses. `[]` means none. */
  local_ipv4s?: string[];
  /** The public addresses, at most as many as private ones. */
  public_ipv4s?: string[];
  /** Delegated IPv4 prefixes. */
  ipv4_prefixes?: string[];
  /** The IPv6 addresses. */
  ipv6s?: string[];
  /** Delegated IPv6 prefixes. */
  ipv6_prefixes?: string[];
}
