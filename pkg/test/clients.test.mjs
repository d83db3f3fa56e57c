// AWS's unmodified clients read from imds/node.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { MetadataService } from '@aws-sdk/ec2-metadata-service';
import { fromInstanceMetadata } from '@smithy/credential-provider-imds';
import { Imds } from 'imds';
import { createServer, requestListener } from 'imds/node';

process.env.AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE = '1';
const AWS = createRequire(import.meta.url)('aws-sdk');
const record = { instance_type: 't3.micro', availability_zone: 'eu-central-1a', role: { name: 'my-role' }, metadata_options: { http_tokens: 'required' } };

for (const [how, make] of [
  ['createServer', createServer],
  ['requestListener', (imds) => createHttpServer(requestListener(imds))],
]) {
  const serve = async (t) => {
    const server = make(new Imds({ instance: record }));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    return `http://127.0.0.1:${server.address().port}`;
  };

  test(`@aws-sdk/ec2-metadata-service, ${how}`, async (t) => {
    const service = new MetadataService({ endpoint: await serve(t) });
    assert.equal(await service.request('/latest/meta-data/placement/region', {}), 'eu-central-1');
    assert.equal((await service.fetchMetadataToken()).length, 56);
  });

  test(`@smithy/credential-provider-imds, ${how}`, async (t) => {
    process.env.AWS_EC2_METADATA_SERVICE_ENDPOINT = await serve(t);
    const credentials = await fromInstanceMetadata({ timeout: 5000, maxRetries: 0 })();
    assert.match(credentials.accessKeyId, /^ASIA/);
    assert.ok(credentials.expiration > new Date());
  });

  test(`aws-sdk, version 2, ${how}`, async (t) => {
    const host = await serve(t);
    const service = new AWS.MetadataService({ host: host.slice('http://'.length), httpOptions: { timeout: 5000 } });
    const credentials = await new Promise((done, fail) => {
      service.fetchMetadataToken((error, token) => {
        if (error) return fail(error);
        const options = { headers: { 'x-aws-ec2-metadata-token': token } };
        service.request('/latest/meta-data/iam/security-credentials/my-role', options, (error, text) => (error ? fail(error) : done(JSON.parse(text))));
      });
    });
    assert.equal(credentials.Code, 'Success');
  });
}
