// @ts-check
// The words of the path and the lab.

import { words } from '../text.js';
import en from '../../strings/en/lab.js';

export const t = words(en, () => import('../../strings/de/lab.js'));
