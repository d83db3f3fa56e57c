import { Imds } from 'imds/core';

console.log(new Imds({ seed: '2a' }).handle('GET /latest/meta-data/instance-type HTTP/1.1\r\nHost: x\r\n\r\n').status);
