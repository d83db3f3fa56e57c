// Serves toFetchHandler with the host's HTTP server, and prints the port.

import { Imds, toFetchHandler } from 'imds';

const handler = toFetchHandler(new Imds());
if (globalThis.Bun) console.log(Bun.serve({ port: 0, fetch: handler }).port);
else Deno.serve({ port: 0, hostname: '127.0.0.1', onListen: ({ port }) => console.log(port) }, handler);
