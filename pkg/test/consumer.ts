// Type test: compiled with `tsc --strict`, not run.

import { createServer as createHttpServer } from 'node:http';
import type { Server } from 'node:net';
import { Exchange, Imds, ImdsError, runTranscript, spans, tables, toFetchHandler, type Fleet, type InstanceRecord, type Span, type Turn } from 'imds';
import { Imds as Core, type Exchange as CoreExchange } from 'imds/core';
import { init as initCore } from 'imds/core/slim';
import { Imds as Inline } from 'imds/inline';
import { createServer, requestListener } from 'imds/node';
import { init } from 'imds/slim';

export async function all(): Promise<void> {
  await init(new URL('https://example.com/imds.wasm'));
  const imds = await Imds.create({ seed: new Uint8Array(32), clock: () => 0, nonce: 0n, instance: { instance_type: 't3.micro' } });
  const exchange: Exchange = imds.handle('GET / HTTP/1.0\r\n\r\n', { now: 1, peer: '10.0.0.1', hops: 1 });
  const bytes: Uint8Array | null = exchange.response;
  const turns: Turn[] = imds.explain(bytes ?? '');
  const verdict: 'passes' | 'does_not_apply' | 'decides' | undefined = exchange.trace[0]?.verdict;
  const parts: Span[] = [...exchange.spans, ...spans(bytes ?? '', 'response')];
  const part: 'method' | 'body' | undefined = parts.map(({ part }) => part).find((part) => part === 'method' || part === 'body');
  const connection = imds.connection({ keepAlive: true });
  const sent: number = connection.pollTransmit()?.bytes.length ?? 0;
  connection.advanceTransmit(sent, { now: 2 });
  const asFetch: typeof fetch = imds.fetch;
  const response: Response = await asFetch('http://169.254.169.254/');
  const handler: (request: Request) => Promise<Response> = toFetchHandler(imds);
  const server: Server = createServer(imds, { keepAlive: true, hops: (socket) => socket.bytesRead });
  createHttpServer(requestListener(imds));
  // @ts-expect-error: no such option
  imds.modify({ http_token: 'required' });
  // @ts-expect-error: the constructor is private
  new Exchange();
  await initCore(new URL('https://example.com/imds-core.wasm'));
  const core = await Core.create({ seed: '2a', nonce: 0n, instance: { instance_type: 't3.micro' } });
  const answered: CoreExchange = core.handle('GET / HTTP/1.0\r\n\r\n', { peer: 'fd00::1', hops: 1 });
  const pending: 'pending' | 'applied' = core.modify({ http_tokens: 'required' }, { effective: 5 }).state;
  // @ts-expect-error: imds/core has no fleet
  core.launch();
  const ids: string[] = imds.launch(null, { count: 2 });
  const outcome: 'reject' | 'issue-token' | 'list-methods' | 'serve' | undefined = tables().rules[0]?.outcome;
  try {
    runTranscript('# A claim.');
  } catch (error) {
    if (error instanceof ImdsError) console.log(error.code, error.path, verdict, outcome, part);
  }
  console.log(answered.rule, pending, turns, response, handler, server, ids, new Inline().trapped);
}

const record: InstanceRecord = {
  instance_type: 't3.micro',
  profile: 'xen',
  role: { name: 'my-role' },
  network_interfaces: [{ local_ipv4s: ['10.0.0.7'], security_groups: [{ id: 'sg-0a00ecb871bb15fb3', name: 'default' }] }],
  tags: { Name: 'test' },
  metadata_options: { http_tokens: 'required', http_put_response_hop_limit: 2 },
  spot_interruption: { action: 'stop', time: '2026-01-01T00:00:00Z' },
};
const fleet: Fleet = {
  launch_template: record,
  account_defaults: { http_tokens_enforced: 'enabled' },
  images: { 'ami-0ce107ae7af2e92b5': { imds_support_v2: true } },
  instances: [record],
  next_instances: [{ instance_id: 'i-0123456789abcdef0', interfaces: [{ mac: '02:91:d3:09:63:0c' }] }],
};

export const instances: Imds[] = [
  new Imds({ instance: record }),
  new Imds({ fleet }),
  new Imds({ instance: JSON.stringify(record) }),
  // @ts-expect-error: instance_type is required
  new Imds({ instance: {} }),
  // @ts-expect-error: no such key
  new Imds({ instance: { instance_type: 't3.micro', instance_typ: 't3.micro' } }),
  // @ts-expect-error: no such key in an interface
  new Imds({ instance: { instance_type: 't3.micro', network_interfaces: [{ ip: '10.0.0.7' }] } }),
  // @ts-expect-error: not a value of http_tokens
  new Imds({ instance: { instance_type: 't3.micro', metadata_options: { http_tokens: 'maybe' } } }),
  // @ts-expect-error: a list of records
  new Imds({ fleet: { instances: record } }),
  // @ts-expect-error: no such key in a fleet
  new Imds({ fleet: { instance: [record] } }),
];
