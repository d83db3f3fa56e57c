// @ts-check
// The strings of the lessons.

import { strings } from '../text.js';
import en from '../../strings/en/lessons.js';

export const t = strings(en, () => import('../../strings/de/lessons.js'));
