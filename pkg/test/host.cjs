const imds = require('imds');

import('./common.mjs').then(async ({ digest }) => console.log(await digest(imds)));
