// @ts-check
// The requests that the curl of the article's hosts sends.

export const HOST = '169.254.169.254';
const HEADERS = `Host: ${HOST}\r\nUser-Agent: curl/7.61.1\r\nAccept: */*\r\n`;
export const GET = `GET /latest/meta-data/ HTTP/1.1\r\n${HEADERS}\r\n`;
export const PUT = `PUT /latest/api/token HTTP/1.1\r\n${HEADERS}X-aws-ec2-metadata-token-ttl-seconds: 21600\r\n\r\n`;
