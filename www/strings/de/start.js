// German strings of the first screen.

export default {
  title: 'EC2-Metadaten: jede Antwort und ihr Grund.',
  lead: 'Jede EC2-Instanz liest ihre Metadaten und die Zugangsdaten ihrer Rolle vom Instance Metadata Service (IMDS). Dieser Dienst läuft hier im Browser, Byte für Byte wie bei AWS, als IMDSv1 und IMDSv2. Keine Anfrage verlässt die Seite.',
  run: '▶ Abspielen', paste: 'Eigene Befehle',
  'source.before': 'Die Befehle stammen aus dem Artikel ', 'source.title': 'Instance Metadata Service Version 2 (IMDSv2): Einstellung und Verhaltensprüfung', 'source.after': ' und laufen auf dessen beiden Hosts cli_instance und test_instance. AWS beschreibt die Umstellung ', 'source.link': 'bestehender Instanzen',
  replay: 'Die Befehle des Artikels', terminal: 'Terminal beider Hosts', scrubber: 'Stelle im Ablauf', play: 'Weiter', pause: 'Anhalten', beginning: 'vor dem ersten Befehl',
  client: 'curl auf test_instance', diagram: 'Ablauf von {0} Anfragen und Antworten zwischen curl und dem Metadatendienst',
  token: 'Token', response: '{0} · {1} Byte', 'response.token': '{0} · Token, {1} Byte', change: 'HttpTokens: optional → required', lines: 'alle {0} Zeilen',
  'decision.none': 'Noch keine Anfrage.', decided: ' entschieden durch ', passed: '{0} Regeln davor haben nichts beanstandet.', why: 'Alle Regeln ansehen →',
  'turn.token': 'Mit Token', 'turn.optional': 'Mit HttpTokens optional', 'turn.required': 'Mit HttpTokens required',
  failed: 'Der Metadatendienst lässt sich nicht laden: {0}',
  'door.learn': 'Lernen', 'door.learn.text': 'Zehn Lektionen von der ersten Anfrage bis zum Konto, in dem jede Instanz Token verlangt.', 'door.learn.go': 'Mit Lektion 1 beginnen →',
  'door.try': 'Ausprobieren', 'door.try.text': 'Anfragen Byte für Byte ändern. Sehen, welche Regel die Antwort bestimmt und was sie ändern würde.', 'door.try.go': 'Zum Playground →',
  'door.attack': 'Angreifen', 'door.attack.text': 'Ein Webdienst, der jede URL abruft. Die Zugangsdaten seiner Rolle stehlen und sehen, was IMDSv2 verhindert und was nicht.', 'door.attack.go': 'Zum SSRF-Labor →',
};
