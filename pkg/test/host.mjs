import * as imds from 'imds';
import { digest } from './common.mjs';

console.log(await digest(imds));
