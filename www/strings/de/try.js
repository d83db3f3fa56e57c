// German strings of Try, the clock, undo and share.

export default {
  try: 'Eine Anfrage ausprobieren',
  preview: 'Vorschau', 'preview.hint': 'Noch nicht gesendet. Diese Antwort käme jetzt auf „Senden“.',
  'preset.v1': 'GET, IMDSv1', 'preset.token': 'Token per PUT', 'preset.v2': 'GET mit Token #{0}', 'preset.v2.none': 'GET mit Token', presets: 'Beispiel senden', method: 'Methode', path: 'Pfad',
  sent: 'gesendet um {0}', 'response.meta': '{0} · {1} Bytes im Body', 'response.hop-limit': 'Pakete mit TTL {0}', 'copy.response': 'Kopieren', compare: 'Optionen vergleichen',
  'absent.header': 'kein {0}', 'looked.at': 'Regeln, die das prüfen: ', 'looked.none': 'Keine Regel prüft das.',
  'why.title': 'Entscheidung', decided: 'entschieden durch', 'rules.passed': '{0} Regeln davor bestanden', 'rules.passed.one': '1 Regel davor bestanden', 'rules.passed.none': 'Die erste Regel', 'rules.show': 'Alle {0} Regeln anzeigen', evidence: 'Woher das bekannt ist: ', 'looked': 'Geprüft: ',
  'turns.label': 'Was das ändern würde:', 'turn.token': 'Token #{0} mitschicken', 'turn.token.new': 'ein Token holen und mitschicken', 'turn.after': 'nach {0}', 'turn.cannot': 'Diese Änderung kann die Seite nicht vornehmen.',
  exchanges: 'Verlauf', 'exchanges.none': 'Noch nichts gesendet. Die Antwort oben ist eine Vorschau.', 'draft.back': 'Zurück zum Entwurf',
  'too-long': 'Die Anfrage hat {0} Bytes, erlaubt sind {1}. Kürze sie, um sie zu senden.', 'many-commands': 'Das ist mehr als ein curl-Befehl.', 'open-terminal': 'Im Terminal öffnen',
  instance: 'Instanz', metadata: 'Metadaten', 'metadata.hint': 'Ein Klick auf einen Namen setzt dessen Pfad in die Anfrage.', more: 'Datensatz, Tags, Netzwerkpfad', launch: '+ starten', 'launch.title': 'test_instance des Artikels starten',
  'chip.http_tokens': 'HttpTokens {0}', 'chip.http_endpoint': 'HttpEndpoint {0}', 'chip.limit': 'Hop-Limit {0}', 'chip.instance_metadata_tags': 'Tags in Metadaten {0}', 'chip.http_protocol_ipv6': 'IPv6 {0}', 'chip.role': 'Rolle {0}', 'chip.role.none': 'keine Rolle',
  clock: 'Uhr', next: 'Was passieren wird', 'next.none': 'Es steht nichts an.', 'next.token': 'Token #{0} läuft ab', 'next.applied': '{0}: Optionen werden wirksam', 'next.rotation': '{0}: Zugangsdaten rotieren', 'next.in': 'in {0}', 'next.before': '1 s davor', 'clock.run': 'Starten', 'clock.pause': 'Anhalten', 'clock.advance': 'Um {0} vorstellen',
  undo: 'Rückgängig', redo: 'Wiederholen', 'undo.of': 'Rückgängig: {0}', 'step.time': '{0}', 'step.ec2': 'EC2-API-Aufruf', 'step.modify': 'Metadatenoptionen', 'step.replace': 'Datensatz', 'step.launch': 'Start', undone: 'Rückgängig gemacht: {0}', redone: 'Wiederholt: {0}',
  'share.copied': 'Link kopiert', 'share.not-copied': 'Kopiere diesen Link:', 'share.shows': 'Er öffnet diese Anfrage, ihre Antwort und diesen Zustand der Instanzen. Nichts wird auf einem Server gespeichert.', 'share.too-long': 'Dieser Zustand hat zu viele Änderungen für einen Link. Das Transkript unten enthält alle.', 'share.all': 'Die ganze Sitzung', 'share.all.count': 'Alle {0} Anfragen', 'share.all.too-long': 'Die Sitzung ist zu lang für einen Link. Das Transkript enthält alle Schritte.', 'share.more': 'Andere Formate',
};
