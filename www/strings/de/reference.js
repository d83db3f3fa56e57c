// German strings of the reference: five questions and their answers, and the tables.

export default {
  lead: 'Fünf häufige Fragen, danach die Tabellen: Regeln, Status, Optionen und Grenzwerte.',
  '401.q': 'Warum bekomme ich 401 Unauthorized?',
  '401.a': 'Auf der Instanz steht `HttpTokens` auf `required`, und die Anfrage enthält kein Token (Regel `token.missing`). Oder das Token ist, unabhängig von `HttpTokens`, abgelaufen, gefälscht, von einer anderen Instanz oder aus der Zeit vor einem Stopp. Fordere mit PUT ein Token an, sende es mit jeder GET-Anfrage, und fordere nach einem 401 ein neues an. Ein Programm mit altem SDK muss aktualisiert werden.',
  'timeout.q': 'Warum läuft ein Container in den Timeout?',
  'timeout.a': 'Die Pakete der Antwort auf die PUT-Anfrage haben ein IP-Hop-Limit, meist 1. Ein Container mit eigenem Netzwerk ist einen Hop weiter entfernt: Das Paket mit dem Token wird verworfen, und der Client wartet bis zum Timeout. Einen Status oder eine Fehlermeldung gibt es nicht. Setze `HttpPutResponseHopLimit` auf 2, oder starte den Container im Netzwerk des Hosts.',
  'forwarded.q': 'Was bewirkt X-Forwarded-For?',
  'forwarded.a': 'Eine PUT-Anfrage mit diesem Header wird mit 403 abgelehnt (Regel `forwarded.put`), eine GET-Anfrage mit Token ebenfalls (Regel `forwarded.session`). Proxys setzen den Header, deshalb bekommt ein offener Proxy kein Token. IMDSv1 ignoriert ihn: Eine GET-Anfrage ohne Token wird beantwortet, solange `HttpTokens` auf `optional` steht.',
  'limits.q': 'Wovor schützt IMDSv2 nicht?',
  'limits.a': 'Wer Methode und Header einer Anfrage bestimmt oder Code auf der Instanz ausführt, kann ein Token anfordern wie jedes andere Programm. IMDSv2 verhindert gefälschte GET-Anfragen, offene Proxys und fehlgeleitete Pakete. Gegen die übrigen Angriffe helfen eine Rolle mit wenigen Berechtigungen, eine Firewall-Regel, die 169.254.169.254 auf bestimmte Benutzer beschränkt, und `HttpEndpoint` `disabled` auf Instanzen, die den Dienst nicht brauchen.',
  'rollout.q': 'Wie führe ich `required` ein?',
  'rollout.a': 'Liste die Instanzen auf, die Anfragen ohne Token annehmen. Beobachte die CloudWatch-Metrik `MetadataNoToken`, bis sie bei 0 bleibt, und aktualisiere die Programme, die solche Anfragen senden. Schreibe Token dann Instanz für Instanz vor, mit einem Hop-Limit von 2, wo Container laufen. Beobachte `MetadataNoTokenRejected`. Fällt ein Programm aus, stelle `HttpTokens` wieder auf `optional`: Das wirkt nach Sekunden und ohne Neustart. Ändere zuletzt den Standard des Kontos für neue Instanzen.',
  'rollout.steps': 'Die Schritte mit ihren Befehlen',
  'try.401': 'In Lektion 7 ausprobieren', 'try.timeout': 'In Lektion 9 ausprobieren', 'try.forwarded': 'In Lektion 3 ausprobieren', 'try.limits': 'Im Labor ausprobieren', 'try.rollout': 'Die Umstellung in Lektion 6 ausprobieren',

  statuses: 'Status', options: 'Metadatenoptionen',
  'column.rule': 'Regel', 'column.question': 'Frage', 'column.status': 'Status', 'column.source': 'Quelle', 'column.reason': 'Reason', 'column.rules': 'Regeln', 'column.option': 'Option', 'column.values': 'Werte', 'column.initial': 'Standard', 'column.effect': 'Wirkung', 'column.limit': 'Grenzwert', 'column.value': 'Wert',
  'from-to': '{0} bis {1}',
  'options.note': 'Für eine Option, die beim Start nicht angegeben ist, gilt der Standard des Kontos in der Region, sonst der des Images, sonst der aus dieser Tabelle. Eine Änderung ist einen Moment lang `pending`, danach `applied`.', 'options.source': 'AWS über die Optionen',
  'option.HttpTokens': '`required`: Eine GET-Anfrage braucht ein Token. `optional`: Auch ohne Token wird sie beantwortet.',
  'option.HttpPutResponseHopLimit': 'Das IP-Hop-Limit der Antwort auf eine PUT-Anfrage. Jeder Router verringert es und verwirft das Paket bei 0.',
  'option.HttpEndpoint': '`disabled`: Jede Anfrage wird mit 403 abgelehnt.',
  'option.HttpProtocolIpv6': '`enabled`: Der Dienst ist auch unter [fd00:ec2::254] erreichbar.',
  'option.InstanceMetadataTags': '`enabled`: Die Tags der Instanz stehen unter `tags/instance/`.',

  'limit.head-bytes': '431, in der Anfragezeile 414', 'limit.inbox-bytes': 'wird nicht angenommen: Der Aufrufer liest nicht weiter', 'limit.outbox-bytes': 'die nächste Anfrage wartet',
  'limit.head-millis': 'die Verbindung wird ohne Antwort geschlossen', 'limit.body-millis': 'die Verbindung wird ohne Antwort geschlossen', 'limit.idle-millis': 'die Verbindung wird geschlossen',
  'limit.send-millis': 'die Verbindung wird geschlossen, der Rest der Antwort geht verloren', 'limit.send-rate': 'darunter läuft die Zeit von send-millis ab', 'limit.drain-millis': 'die Verbindung wird geschlossen', 'limit.drain-bytes': 'die Verbindung wird geschlossen',
  'limit.hop-limit': 'wird beim Setzen abgelehnt',
};
