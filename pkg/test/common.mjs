// A digest of results that must be equal in every host.

export async function digest({ Imds, runTranscript, tables }) {
  const clock = () => 1767225600000;
  const imds = await Imds.create({ seed: '2a', clock });
  const put = imds.handle('PUT /latest/api/token HTTP/1.1\r\nHost: x\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\n');
  const token = new TextDecoder().decode(put.response).slice(-56);
  const read = await imds.fetch('http://169.254.169.254/latest/meta-data/', { headers: { 'X-aws-ec2-metadata-token': token } });
  const launched = imds.ec2({ Action: 'RunInstances', Version: '2016-11-15', ImageId: 'ami-1', MinCount: '1', MaxCount: '1' });
  const run = runTranscript('# A claim.\ninstance default\n> GET / HTTP/1.0\n>\n');
  const random = await Imds.create();
  const parts = [token, await read.text(), launched.body, imds.snapshot(), run.text, tables().rules.length, random.instances().length];
  let sum = 0;
  for (const character of parts.join('\n')) sum = (Math.imul(sum, 31) + character.codePointAt(0)) | 0;
  return `imds ${sum}`;
}
