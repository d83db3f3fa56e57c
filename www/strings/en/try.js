// English strings of Try, the clock, undo and share.

export default {
  try: 'Try a request',
  preview: 'Preview', 'preview.hint': 'Not sent yet. This is the response that Send would get now.',
  'preset.v1': 'GET, IMDSv1', 'preset.token': 'PUT a token', 'preset.v2': 'GET with token #{0}', 'preset.v2.none': 'GET with a token', presets: 'Send an example', method: 'Method', path: 'Path',
  sent: 'sent at {0}', 'response.meta': '{0} · {1} bytes in the body', 'response.hop-limit': 'packets with TTL {0}', 'copy.response': 'Copy', compare: 'Compare options',
  'absent.header': 'no {0}', 'looked.at': 'Rules that look at this: ', 'looked.none': 'No rule looks at this.',
  'why.title': 'Decision', decided: 'decided by', 'rules.passed': '{0} rules passed before it', 'rules.passed.one': '1 rule passed before it', 'rules.passed.none': 'It is the first rule', 'rules.show': 'Show all {0} rules', evidence: 'How this is known: ', 'looked': 'Looked at: ',
  'turns.label': 'What would change this:', 'turn.token': 'add token #{0}', 'turn.token.new': 'request a token and add it', 'turn.after': 'after {0}', 'turn.cannot': 'The page cannot apply this change.',
  exchanges: 'Exchanges', 'exchanges.none': 'Nothing sent yet. The response above is a preview.', 'draft.back': 'Back to the draft',
  'too-long': 'The request has {0} bytes, the most is {1}. Shorten it to send it.', 'many-commands': 'This is more than one curl command.', 'open-terminal': 'Open in the terminal',
  instance: 'Instance', metadata: 'Metadata', 'metadata.hint': 'Select a name to put its path into the request.', more: 'Record, tags, network path', launch: '+ launch', 'launch.title': 'Launch the article’s test_instance',
  'chip.http_tokens': 'HttpTokens {0}', 'chip.http_endpoint': 'HttpEndpoint {0}', 'chip.limit': 'hop limit {0}', 'chip.instance_metadata_tags': 'tags in metadata {0}', 'chip.http_protocol_ipv6': 'IPv6 {0}', 'chip.role': 'role {0}', 'chip.role.none': 'no role',
  clock: 'Clock', next: 'What will happen', 'next.none': 'Nothing is pending.', 'next.token': 'Token #{0} expires', 'next.applied': '{0}: options apply', 'next.rotation': '{0}: credentials rotate', 'next.in': 'in {0}', 'next.before': '1 s before', 'clock.run': 'Run', 'clock.pause': 'Pause', 'clock.advance': 'Advance by {0}',
  undo: 'Undo', redo: 'Redo', 'undo.of': 'Undo: {0}', 'step.time': '{0}', 'step.ec2': 'EC2 API call', 'step.modify': 'metadata options', 'step.replace': 'record', 'step.launch': 'launch', undone: 'Undone: {0}', redone: 'Redone: {0}',
  'share.copied': 'Link copied', 'share.not-copied': 'Copy this link:', 'share.shows': 'It opens this request, its response and this state of the instances. Nothing is stored on a server.', 'share.too-long': 'This state has too many changes for a link. The transcript below has all of them.', 'share.all': 'The whole session', 'share.all.count': 'All {0} exchanges', 'share.all.too-long': 'The session is too long for a link. The transcript has all steps.', 'share.more': 'Other formats',
};
