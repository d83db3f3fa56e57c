// @ts-check
// The strings of Try, the clock, undo and share.

import { strings } from '../text.js';
import en from '../../strings/en/try.js';

export const tt = strings(en, () => import('../../strings/de/try.js'));
