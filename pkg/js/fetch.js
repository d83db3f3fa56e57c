// Converts fetch's requests and responses to and from bytes.
//
// A Request loses the order and case of headers, and targets that are not URLs. Imds.handle() takes
// exact bytes.

/** The bytes of a request as a client sends them. A bare path refers to http://169.254.169.254. */
export async function toRequestBytes(input, { imds, ...init }) {
  const target = typeof input === 'string' && input.startsWith('/') ? BASE + input : input;
  const request = new Request(target, init);
  const url = new URL(request.url);
  const body = new Uint8Array(await request.arrayBuffer());
  let head = `${request.method} ${url.pathname}${url.search} HTTP/1.1\r\n`;
  if (!request.headers.has('host')) head += `host: ${url.host}\r\n`;
  for (const [name, value] of request.headers) head += `${name}: ${value}\r\n`;
  const hasLength = body.length > 0 || request.method === 'PUT' || request.method === 'POST';
  if (hasLength && !request.headers.has('content-length')) head += `content-length: ${body.length}\r\n`;
  return { bytes: join(latin1(`${head}\r\n`), body), request };
}

/** A response's bytes as a Response. */
export function toResponse(bytes, url) {
  const { status, reason, headers, body } = readResponse(bytes);
  const response = new Response(body, { status, statusText: reason, headers });
  Object.defineProperty(response, 'url', { value: url });
  return response;
}

/** Splits a response's bytes into status line, headers and body. */
export function readResponse(bytes) {
  let end = 0;
  while (!(bytes[end] === 13 && bytes[end + 1] === 10 && bytes[end + 2] === 13 && bytes[end + 3] === 10)) end += 1;
  const [line, ...lines] = Array.from(bytes.subarray(0, end), (byte) => String.fromCharCode(byte)).join('').split('\r\n');
  const [, version, status, reason] = /^HTTP\/(\S+) (\d+) ?(.*)$/.exec(line);
  const headers = lines.map((header) => /^([^:]+): ?(.*)$/.exec(header).slice(1));
  return { version, status: Number(status), reason, headers, body: bytes.slice(end + 4) };
}

function join(head, body) {
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}

const latin1 = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const BASE = 'http://169.254.169.254';
