// @ts-check
// The strings of the path and the lab.

import { strings } from '../text.js';
import en from '../../strings/en/lab.js';

export const t = strings(en, () => import('../../strings/de/lab.js'));
