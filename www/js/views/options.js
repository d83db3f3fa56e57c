// @ts-check
// The metadata options: their names in EC2's API and in the record, their values and defaults.

/** @type {{ name: string, key: string, values: string[] | [from: number, to: number], initial: string | number }[]} */
export const OPTIONS = [
  { name: 'HttpTokens', key: 'http_tokens', values: ['optional', 'required'], initial: 'optional' },
  { name: 'HttpPutResponseHopLimit', key: 'http_put_response_hop_limit', values: [1, 64], initial: 1 },
  { name: 'HttpEndpoint', key: 'http_endpoint', values: ['enabled', 'disabled'], initial: 'enabled' },
  { name: 'HttpProtocolIpv6', key: 'http_protocol_ipv6', values: ['enabled', 'disabled'], initial: 'disabled' },
  { name: 'InstanceMetadataTags', key: 'instance_metadata_tags', values: ['enabled', 'disabled'], initial: 'disabled' },
];
