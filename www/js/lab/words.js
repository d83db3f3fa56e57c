// @ts-check
// The words of the path and the lab.

import { words } from '../text.js';
import de from '../../strings/de/lab.js';
import en from '../../strings/en/lab.js';

export const t = words(en, de);
