// Records in golden/proxies.json what real proxies forward for the requests below. Requires root,
// and Debian's packages nginx, squid, squid-common, squid-langpack, apache2-bin and their
// libraries, unpacked by `dpkg -x` in DIRECTORY. Runs in a network namespace with a listener at
// 169.254.169.254:
//
//     unshare -n node www/test/proxies-record.mjs DIRECTORY
//
// AWS's load balancer is not recorded, because it only runs on AWS.

import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [root] = process.argv.slice(2);
const run = mkdtempSync(join(tmpdir(), 'proxies-'));
chmodSync(run, 0o777);
const OWN = '10.0.0.74';
const file = (name, text) => {
  writeFileSync(join(run, name), text);
  return join(run, name);
};
const at = (place) => join(root, place);
const PROXIES = {
  nginx: [8081, at('usr/sbin/nginx'), ['-c', file('nginx.conf', `worker_processes 1; daemon off; master_process off; pid ${run}/nginx.pid; error_log ${run}/nginx.err; user root;
events {}
http {
  access_log off; client_body_temp_path ${run}/b; proxy_temp_path ${run}/p; fastcgi_temp_path ${run}/f; uwsgi_temp_path ${run}/u; scgi_temp_path ${run}/s;
  server { listen ${OWN}:8081; location / { proxy_pass http://$host$request_uri; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; } }
}`)]],
  squid: [8082, at('usr/sbin/squid'), ['-N', '-f', file('squid.conf', `http_port ${OWN}:8082 accel vhost allow-direct
http_access allow all
always_direct allow all
cache deny all
pid_filename none
access_log none
cache_log ${run}/squid.log
coredump_dir ${run}
visible_hostname squid
pinger_enable off
unlinkd_program /bin/true
icon_directory ${at('usr/share/squid/icons')}
error_directory ${at('usr/share/squid-langpack/templates')}
mime_table ${at('usr/share/squid/mime.conf')}
cache_effective_user daemon
`)]],
  waf: [8083, at('usr/sbin/apache2'), ['-D', 'FOREGROUND', '-f', file('apache.conf', `ServerRoot ${at('usr/lib/apache2')}
PidFile ${run}/apache.pid
ErrorLog ${run}/apache.err
ServerName waf.example
Listen ${OWN}:8083
LoadModule mpm_event_module modules/mod_mpm_event.so
LoadModule authz_core_module modules/mod_authz_core.so
LoadModule rewrite_module modules/mod_rewrite.so
LoadModule proxy_module modules/mod_proxy.so
LoadModule proxy_http_module modules/mod_proxy_http.so
DefaultRuntimeDir ${run}
User daemon
Group daemon
RewriteEngine On
RewriteRule ^(.*)$ http://%{HTTP_HOST}$1 [P]
`)]],
};
const HEAD = 'Host: 169.254.169.254\r\nUser-Agent: curl/7.61.1\r\nAccept: */*\r\n';
const REQUESTS = [
  `PUT /latest/api/token HTTP/1.1\r\n${HEAD}X-aws-ec2-metadata-token-ttl-seconds: 21600\r\n\r\n`,
  `GET /latest/meta-data/ HTTP/1.1\r\n${HEAD}\r\n`,
  `GET /latest/meta-data/?a=b HTTP/1.1\r\n${HEAD}X-Forwarded-For: 198.51.100.1\r\nX-Two: a\r\nConnection: close, X-Two\r\n\r\n`,
  `POST /latest/user-data HTTP/1.1\r\n${HEAD}Content-Length: 4\r\nContent-Type: text/plain\r\n\r\nbody`,
  `GET /latest/meta-data/ HTTP/1.0\r\n${HEAD}\r\n`,
  `GET /latest/meta-data/ HTTP/1.1\r\nhost: 169.254.169.254\r\nx-under_score: 1\r\nX-Empty:\r\n\r\n`,
  `GET http://169.254.169.254/latest/meta-data/ HTTP/1.1\r\n${HEAD}Proxy-Connection: Keep-Alive\r\n\r\n`,
  `GET http://169.254.169.254/latest/meta-data/ HTTP/1.1\r\nHost: other.example\r\n\r\n`,
  `POST /latest/user-data HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n`,
  `POST /latest/user-data HTTP/1.1\r\n${HEAD}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n`,
  `POST /latest/user-data HTTP/1.1\r\n${HEAD}Content-Length: 10\r\n\r\nbody`,
  `PUT /latest/api/token HTTP/1.1\r\n${HEAD}Content-Length: 0\r\n\r\n`,
  `GET /latest/meta-data/ HTTP/1.1\r\n${HEAD}Connection: close\r\n\r\nPUT /latest/api/token HTTP/1.1\r\n${HEAD}X-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\n`,
];

execFileSync('ip', ['link', 'set', 'lo', 'up']);
for (const address of ['169.254.169.254', OWN, '203.0.113.9']) execFileSync('ip', ['addr', 'add', `${address}/32`, 'dev', 'lo']);
let arrived;
createServer((socket) => {
  let received = '';
  socket.on('error', () => {});
  socket.on('data', (more) => {
    received += more.toString('latin1');
    const end = received.indexOf('\r\n\r\n');
    const length = Number(/^content-length: (\d+)/im.exec(received)?.[1] ?? 0);
    if (end < 0 || received.length < end + 4 + length) return;
    arrived = received;
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');
  });
}).listen(80, '169.254.169.254');

const recorded = [];
for (const [kind, [port, program, args]] of Object.entries(PROXIES)) {
  const child = spawn(program, args, { env: { ...process.env, LD_LIBRARY_PATH: at('usr/lib/x86_64-linux-gnu') }, stdio: 'ignore' });
  await new Promise((resolve) => setTimeout(resolve, 3000));
  for (const sent of REQUESTS) {
    arrived = null;
    await new Promise((resolve) => {
      const socket = connect({ port, host: OWN, localAddress: '203.0.113.9' }, () => socket.write(sent));
      socket.on('error', resolve).on('close', resolve).on('data', () => socket.end());
      setTimeout(() => socket.destroy(), 2000).unref();
    });
    recorded.push({ kind, sent, arrived });
  }
  child.kill('SIGTERM');
  setTimeout(() => child.kill('SIGKILL'), 1500);
  await new Promise((resolve) => child.once('exit', resolve));
}
writeFileSync(new URL('golden/proxies.json', import.meta.url), `${JSON.stringify(recorded, null, 1)}\n`);
process.exit(0);
