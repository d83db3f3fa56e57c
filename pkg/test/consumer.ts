// Compiled with `tsc --strict`, and not run: the types say what is asked of them here.

import { createServer as createHttpServer } from 'node:http';
import type { Server } from 'node:net';
import { Exchange, Imds, ImdsError, play, spans, tables, toFetchHandler, type Span, type Turn } from 'imds';
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
  const sent: number = connection.transmit()?.bytes.length ?? 0;
  connection.transmitted(sent, { now: 2 });
  const asFetch: typeof fetch = imds.fetch;
  const response: Response = await asFetch('http://169.254.169.254/');
  const handler: (request: Request) => Promise<Response> = toFetchHandler(imds);
  const server: Server = createServer(imds, { keepAlive: true, hops: (socket) => socket.bytesRead });
  createHttpServer(requestListener(imds));
  // @ts-expect-error no such option
  imds.modify({ http_token: 'required' });
  // @ts-expect-error nobody makes one
  new Exchange();
  const ids: string[] = imds.launch(null, { count: 2 });
  const outcome: 'refuse' | 'issue-token' | 'list-methods' | 'serve' | undefined = tables().rules[0]?.outcome;
  try {
    play('# nothing');
  } catch (error) {
    if (error instanceof ImdsError) console.log(error.code, error.path, verdict, outcome, part);
  }
  console.log(turns, response, handler, server, ids, new Inline().trapped);
}
