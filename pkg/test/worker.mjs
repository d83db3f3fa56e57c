import * as imds from '../node_modules/imds/js/workerd.js';
import { digest } from '../common.mjs';

const { Imds, toFetchHandler } = imds;
let handler;

export default {
  async fetch(request) {
    if (new URL(request.url).pathname === '/digest') return new Response(await digest(imds));
    handler ??= toFetchHandler(new Imds());
    return handler(request);
  },
};
