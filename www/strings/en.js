// The page's words, English. What the core says in words (rules, changes) is told as the core says it.

export default {
  title: 'imds: EC2 instance metadata, answered in this page',
  'nav.playground': 'Playground', 'nav.lesson': 'Lessons', 'nav.compare': 'Compare', 'nav.path': 'Path', 'nav.lab': 'SSRF lab', 'nav.live': 'Live', 'nav.about': 'About',
  'nav.label': 'Views', skip: 'To the content', share: 'Share', reset: 'Begin anew', 'reset.sure': 'All exchanges and changes go. Begin anew?',
  language: 'Deutsch', 'language.to': 'de', theme: 'Theme', 'theme.auto': 'system', 'theme.light': 'light', 'theme.dark': 'dark',
  fake: 'Nothing leaves this page, and every secret in it is fake.', loading: 'Loading the engine …',
  'failed.load': 'The engine could not be loaded: {0}', 'failed.trap': 'The engine ended in a trap and was made anew; all that was done was done again, but for the last step.',
  'failed.page': 'Something in the page went wrong: {0}',
  request: 'Request', response: 'Response', source: 'Source: ', absent: 'absent', timeout: 'timeout', apply: 'Apply', copied: 'Copied', copy: 'Copy',

  clock: 'Clock', 'clock.before': '1 s before expiry', 'clock.after': '1 s past expiry', 'clock.run': 'Let it run',
  tokens: 'Tokens', 'tokens.held': 'tokens held: {0}', 'tokens.none': 'None: a PUT asks for one.', 'token.left': '{0} left',
  pending: 'Options', 'pending.none': 'options applied', 'pending.in': 'options pending: {0}', 'pending.of': 'pending: HttpTokens {0}, HttpEndpoint {1}, hop limit {2}; applied in {3}',
  credentials: 'Role credentials (fake)', 'credentials.of': 'since {0}, until {1}: {2}', 'credentials.none': 'No instance has a role.',

  instance: 'Instance', 'instance.which': 'Which', launch: 'Launch the article’s test_instance', options: 'Metadata options', details: 'Record',
  http_tokens: 'HttpTokens', http_endpoint: 'HttpEndpoint', http_put_response_hop_limit: 'HttpPutResponseHopLimit', http_protocol_ipv6: 'HttpProtocolIpv6', instance_metadata_tags: 'InstanceMetadataTags',
  'options.applied': 'applied', 'options.pending': 'pending: until the clock moves on, HttpTokens {0} rules',
  profile: 'Generation of the service', role: 'Role (empty: none)', tags: 'Tags, Name=Value', record: 'The record as JSON', 'record.hint': 'Unknown keys are refused, and an error says where it is.',
  tree: 'The metadata tree', 'tree.hint': 'As the instance lists it. A name puts its path into the request; the record below changes the values.',
  way: 'On the way', hops: 'Network hops', throttled: 'one request too many (503)', 'way.none': 'The request comes from the instance itself.',

  exchange: 'Exchange', compose: 'The request as', 'mode.path': 'Path', 'mode.curl': 'curl', 'mode.raw': 'Raw', 'mode.hex': 'Hex', send: 'Send',
  method: 'Method', path: 'Path', token: 'Token', ttl: 'TTL seconds', 'token.no': 'none (version 1)', 'raw.hint': 'A line ends with CR LF. \\r \\n \\t \\\\ \\xHH are single bytes.',
  'pick.get': 'GET, version 1', 'pick.put': 'PUT a token', 'pick.session': 'GET with the token',
  'wrong.raw': 'A backslash begins \\r, \\n, \\t, \\\\ or \\xHH.', 'wrong.hex': 'Pairs of hexadecimal digits, please.', 'wrong.curl': 'No curl command that is understood here.', 'curl.cannot': 'curl does not send these bytes; this does:',
  transcript: 'Exchanges', 'transcript.none': 'Nothing was asked yet: send the request.', said: '#{0}: {1} {2}',
  wire: 'On the wire', hex: 'Hex', 'wire.bytes': ' {0} bytes', 'wire.label': '{0}, byte by byte', 'wire.hint': 'Point at bytes, or go through them with the arrow keys.', 'wire.range': ' bytes {0} to {1}, {2} in all', 'wire.decided': 'Decided by {0}.',
  'silence.nobody': 'No answer: no instance answers there.', 'silence.hop-limit': 'No answer arrives: its hop limit is less than the hops to the asker, who sees a timeout.', 'silence.incomplete': 'No answer yet: the request is not whole, and the service waits for the rest.', 'silence.way': 'The request does not reach the service.',

  'part.method': 'Method', 'part.path': 'Path', 'part.query': 'Query', 'part.version': 'HTTP version', 'part.status': 'Status', 'part.reason': 'Reason', 'part.field-name': 'Field name', 'part.field-value': 'Field value', 'part.separator': 'Separator', 'part.line-end': 'End of line', 'part.head-end': 'End of the head', 'part.body': 'Body', 'part.other': 'Not a field',
  'wire.method': 'What is asked. GET and HEAD read; PUT asks for a token.', 'wire.path': 'What it is asked of: a version, then a way down the tree.', 'wire.query': 'Ignored.', 'wire.version': 'The version of HTTP.',
  'request.version': 'The version of HTTP that the asker speaks.', 'response.version': 'Xen always says 1.0; Nitro says what the request said.',
  'wire.status': 'How it went, for programs.', 'wire.reason': 'The same in words; programs do not read it.', 'wire.separator': 'It parts what stands before it from what stands behind.', 'wire.line-end': 'CR LF, bytes 0d 0a.', 'wire.head-end': 'An empty line: the fields end here.', 'wire.body': 'What the fields are about. Content-Length says how many bytes.', 'wire.other': 'A line in the head that is no field.', 'wire.field': 'The service does not look at this field.',
  'response.body': 'The answer itself. A value has no line end behind it; of a listing, a name that ends in / has more below it.',
  'request.host': 'Whom the asker means. HTTP/1.1 demands it, once; what it says does not matter.', 'request.user-agent': 'Who asks, in its own words. Not looked at.', 'request.accept': 'What the asker would like. Not looked at.',
  'request.x-aws-ec2-metadata-token': 'The session token. With it a request is version 2, without it version 1.', 'request.x-aws-ec2-metadata-token-ttl-seconds': 'How many seconds the token is to live: 1 to 21,600, six hours.',
  'request.x-forwarded-for': 'A proxy adds it. A PUT that has it is refused, and a GET that shows a token too.', 'request.expect': 'The asker waits for a word before its body. It gets 417.', 'request.content-length': 'How long the body is.', 'request.transfer-encoding': 'A body of unknown length.',
  'response.x-aws-ec2-metadata-token-ttl-seconds': 'How many seconds the token has left, rounded up.', 'response.accept-ranges': 'Whether parts may be asked for. Range is ignored, whatever this says.', 'response.allow': 'The methods that this path takes.', 'response.connection': 'The service closes after each answer.', 'response.content-length': 'How many bytes of body follow.', 'response.content-type': 'text/plain, also for JSON.', 'response.date': 'When it was answered: the clock above.', 'response.last-modified': 'When the value last changed; most do with the launch.', 'response.server': 'The name that the real service gives itself.',

  why: 'Why', 'why.none': 'Each answer names the rule that decided it. Send a request to see.', 'why.hop-limit': 'The answer’s packets have a TTL of {0}: each router takes one away.', turns: 'The smallest change that turns it', 'turns.none': 'No single change does.',
  rules: 'Rules asked: {0} of {1}', 'rules.rest': 'Not asked: {0}. The first that decides ends it.', 'verdict.passes': 'passes', 'verdict.does-not-apply': 'does not apply', 'verdict.decides': 'decides:',
  'look.line': 'Request line', 'look.target-bytes': 'Target, bytes', 'look.head-bytes': 'Head, bytes', 'look.fields': 'Fields', 'look.version': 'Version', 'look.method': 'Method', 'look.path': 'Path', 'look.throttled': 'Too many', 'look.clock': 'Clock', 'look.instance': 'Instance', 'look.http_tokens': 'HttpTokens', 'look.http_endpoint': 'HttpEndpoint', 'look.instance_metadata_tags': 'InstanceMetadataTags', 'look.http_put_response_hop_limit': 'HttpPutResponseHopLimit',

  'compare.lead': 'The request of the playground, asked of the same instance at the same moment under two configurations.', 'compare.side': 'Configuration {0}', 'compare.same': 'The answers are the same, byte for byte.', 'compare.differ': 'Bytes that differ: {0} in the first, {1} in the second. Marked, and in brackets: ⟦ ⟧.', 'compare.profile': 'Generation', 'compare.own': 'its own', 'compare.rule': 'Rule',

  'share.lead': 'The link holds everything: the clock, the seed, each step, the request. No server keeps it.', 'share.link': 'Link', 'share.markdown': 'Link as Markdown', 'share.embed': 'Frame for a page', 'share.embed.where': 'For a copy of this page on any static host: the console of imds lets no other page frame it.', 'share.size': '{0} characters', 'share.as': 'As text', 'share.curl': 'curl', 'share.http': 'Raw HTTP', 'share.rust': 'Rust test', 'share.transcript': 'Transcript', 'share.close': 'Close', 'share.long': 'Long: some programs cut links at 2,000 characters.', 'share.replaced': 'Some steps changed a record, for which a transcript has no word: its bytes may differ.',
  'link.spelling': 'This link has characters that no link of this page has. Nothing was changed.', 'link.damaged': 'This link is damaged. Nothing was changed.', 'link.format': 'This link is of another version of the page. Nothing was changed.', 'link.large': 'This link stands for more than is taken from one. Nothing was changed.', 'link.steps': 'A step of this link cannot be done: {0}. Nothing was changed.',

  'live.lead': 'What the running server answers, as it happens: curl it, and see why.', 'live.not': 'This page was not served by the imds binary, so there is no server to follow. Run', 'live.not.then': 'and open', 'live.wait': 'Following. Nothing was asked yet.', 'live.on': 'Following the server.', 'live.off': 'The connection is lost; trying again.', 'live.missed': '{0} events came too fast and are missing here.', 'live.event': '{0}: {1}', 'live.list': 'Answers', 'live.micros': '{0} µs', 'live.clear': 'Clear',

  'about.lead': 'imds is the EC2 instance metadata protocol, IMDSv1 and IMDSv2, as a state machine in Rust. This page runs that same core, compiled to WebAssembly; nothing here imitates it.',
  'about.network': 'It touches no network: the engine answers in the page, and the page’s own policy lets it reach nothing but the place that it came from. It never asks 169.254.169.254, not even on an EC2 instance.', 'about.policy': 'The policy',
  'about.fake': 'Keys, tokens and signatures are made up from a seed. Not affiliated with AWS.',
  'about.keys': 'Keys', 'key.send': 'send the request', 'key.arrows': 'through the bytes, the tabs, the shell’s history', 'key.tab': 'to the next control; nothing holds it',
  'about.rules': 'All rules, in the order in which they are asked', 'about.offline': 'After the first visit it works offline.', 'about.known': 'How it is known', 'about.limits': 'Limits', 'about.build': 'The article that it follows is quoted in the lessons, its commands word by word.',
};
