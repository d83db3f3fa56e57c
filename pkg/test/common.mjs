// What each host is asked to do, wherever it runs: a digest of answers that do not depend on the host.

export async function digest({ Imds, play, tables }) {
  const clock = () => 1767225600000;
  const imds = await Imds.create({ seed: '2a', clock });
  const put = imds.handle('PUT /latest/api/token HTTP/1.1\r\nHost: x\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\n');
  const token = new TextDecoder().decode(put.response).slice(-56);
  const read = await imds.fetch('http://169.254.169.254/latest/meta-data/', { headers: { 'X-aws-ec2-metadata-token': token } });
  const launched = imds.ec2({ Action: 'RunInstances', Version: '2016-11-15', ImageId: 'ami-1', MinCount: '1', MaxCount: '1' });
  const played = play('# A story.\ninstance default\n> GET / HTTP/1.0\n>\n');
  const drawn = await Imds.create();
  const parts = [token, await read.text(), launched.body, imds.snapshot(), played.text, tables().rules.length, drawn.instances().length];
  let sum = 0;
  for (const character of parts.join('\n')) sum = (Math.imul(sum, 31) + character.codePointAt(0)) | 0;
  return `imds ${sum}`;
}
