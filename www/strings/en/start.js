// English strings of the first screen.

export default {
  title: 'Watch EC2 metadata answer, and see why.',
  lead: 'Every EC2 instance reads its own metadata and role credentials from the instance metadata service (IMDS). That service runs in this page, byte for byte: AWS’s IMDSv1 and IMDSv2. Nothing leaves your browser.',
  run: '▶ Run', paste: 'Paste your own commands',
  'source.before': 'The commands are those of an article in German, ', 'source.title': 'Instance Metadata Service Version 2 (IMDSv2): Einstellung und Verhaltensprüfung', 'source.after': ', on its two hosts cli_instance and test_instance. AWS documents the change ', 'source.link': 'for existing instances',
  replay: 'Replay of the article’s commands', terminal: 'Terminal of both hosts', scrubber: 'Position in the replay', play: 'Play', pause: 'Pause', beginning: 'before the first command',
  client: 'curl on test_instance', diagram: 'Sequence of {0} requests and responses between curl and the metadata service',
  token: 'token', response: '{0} · {1} bytes', 'response.token': '{0} · token, {1} bytes', change: 'HttpTokens: optional → required', lines: 'all {0} lines',
  'decision.none': 'No request yet.', decided: ' decided by ', passed: '{0} rules passed before it.', why: 'See each rule →',
  'turn.token': 'With a token', 'turn.optional': 'With HttpTokens optional', 'turn.required': 'With HttpTokens required',
  failed: 'Cannot load the metadata service: {0}',
  'door.learn': 'Learn', 'door.learn.text': 'Ten lessons, from the first request to an account in which every instance requires tokens.', 'door.learn.go': 'Start lesson 1 →',
  'door.try': 'Try', 'door.try.text': 'Edit a request byte by byte. See the response, the rule that decided it, and what would change it.', 'door.try.go': 'Open the playground →',
  'door.attack': 'Attack', 'door.attack.text': 'A web service that fetches any URL. Steal the credentials of its role, then see what IMDSv2 stops and what it does not.', 'door.attack.go': 'Open the SSRF lab →',
};
