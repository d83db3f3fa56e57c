// English strings of the reference: five questions and their answers, and the tables. The effects of
// the limits are in English in the package's table.

export default {
  lead: 'Five common questions, then the tables of rules, statuses, options and limits.',
  '401.q': 'Why do I get 401 Unauthorized?',
  '401.a': 'The instance has `HttpTokens` `required`, and the request has no token (rule `token.missing`). Or, whatever `HttpTokens` is, its token is expired, forged, from another instance, or from before the instance was stopped. Request a token with PUT, send it with each GET, and request a new one after a 401. A program with an old SDK needs an update.',
  'timeout.q': 'Why does a container time out?',
  'timeout.a': 'The packets of the response to the PUT have an IP hop limit, usually 1. A container with its own network is one hop further away, so the packet with the token is dropped, and the client waits until it times out. There is no status and no error response. Set `HttpPutResponseHopLimit` to 2, or run the container in the network of the host.',
  'forwarded.q': 'What does X-Forwarded-For do?',
  'forwarded.a': 'A PUT with this header is rejected with 403 (rule `forwarded.put`), and so is a GET with a token (rule `forwarded.session`). Proxies add the header, so an open proxy cannot get a token. IMDSv1 ignores the header: a GET without a token is served while `HttpTokens` is `optional`.',
  'limits.q': 'What does IMDSv2 not stop?',
  'limits.a': 'An attacker who controls the method and the headers of a request, or who runs code on the instance, can request a token like any other program. IMDSv2 stops forged GETs, open proxies and misrouted packets. Against the other attacks, use a role with few permissions, a firewall rule that limits 169.254.169.254 to certain users, and `HttpEndpoint` `disabled` on instances that do not need the service.',
  'rollout.q': 'How do I roll out `required`?',
  'rollout.a': 'List the instances that accept requests without a token. Watch the CloudWatch metric `MetadataNoToken` until it stays 0, and update the programs that send such requests. Require tokens on one instance at a time, with a hop limit of 2 where containers run. Watch `MetadataNoTokenRejected`. If a program breaks, set `HttpTokens` back to `optional`: this takes effect within seconds, without a restart. Then set the account’s default for new instances.',
  'rollout.steps': 'The steps with their commands',
  'try.401': 'Try it in lesson 7', 'try.timeout': 'Try it in lesson 9', 'try.forwarded': 'Try it in lesson 3', 'try.limits': 'Try it in the lab', 'try.rollout': 'Try the change in lesson 6',

  statuses: 'Statuses', options: 'Metadata options',
  'column.rule': 'Rule', 'column.question': 'Question', 'column.status': 'Status', 'column.source': 'Source', 'column.reason': 'Reason', 'column.rules': 'Rules', 'column.option': 'Option', 'column.values': 'Values', 'column.initial': 'Default', 'column.effect': 'Effect', 'column.limit': 'Limit', 'column.value': 'Value',
  'from-to': '{0} to {1}',
  'options.note': 'An option that a launch does not set has the account’s default in the Region, or else the image’s, or else the default below. A change is `pending` for a moment, then `applied`.', 'options.source': 'AWS’s documentation of the options',
  'option.HttpTokens': '`required`: a GET needs a token. `optional`: a GET without a token is served, too.',
  'option.HttpPutResponseHopLimit': 'The IP hop limit of the response to a PUT. Each router decrements it and drops the packet at 0.',
  'option.HttpEndpoint': '`disabled`: each request is rejected with 403.',
  'option.HttpProtocolIpv6': '`enabled`: the service is also at [fd00:ec2::254].',
  'option.InstanceMetadataTags': '`enabled`: the instance’s tags are at `tags/instance/`.',
};
