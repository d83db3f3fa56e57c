// @ts-check
// The steps to require tokens in a real account, and the result of the lessons to share.

import { copyButton, h } from '../dom.js';
import { prose } from '../shell/view.js';
import { t } from './strings.js';

/** @type {Record<number, string>} */
const COMMANDS = {
  1: `aws ec2 describe-instances --filters Name=metadata-options.http-tokens,Values=optional \\
  --query "Reservations[].Instances[].[InstanceId,Tags[?Key=='Name']|[0].Value]" --output table`,
  2: `aws cloudwatch get-metric-statistics --namespace AWS/EC2 --metric-name MetadataNoToken \\
  --dimensions Name=InstanceId,Value=i-… --statistics Sum --period 86400 \\
  --start-time "$(date -ud '-30 days' +%FT%TZ)" --end-time "$(date -u +%FT%TZ)"`,
  3: `aws ec2 modify-instance-metadata-options --instance-id i-… --http-tokens required --http-put-response-hop-limit 2`,
  5: `aws ec2 modify-instance-metadata-options --instance-id i-… --http-tokens optional`,
  6: `aws ec2 modify-instance-metadata-defaults --http-tokens required`,
};
const STEPS = 6;
const DOCUMENTATION = 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-transition-to-version-2.html';

/** The steps with their commands. */
export const rollout = () => [
  h('ol', { class: 'imds-rollout stack' }, Array.from({ length: STEPS }, (_, at) => h('li', null, h('p', null, prose(t(`finale.${at + 1}`))), COMMANDS[at + 1] ? h('pre', null, COMMANDS[at + 1]) : null))),
  h('p', null, h('a', { href: DOCUMENTATION, rel: 'noopener noreferrer' }, t('finale.docs'))),
];

/** @param {{ done: number, lessons: number, solved: number }} result */
export function finale({ done, lessons, solved }) {
  const share = () => t('finale.share', done, lessons, solved, `${location.href.split('#')[0]}#/learn`);
  return h('section', { class: 'imds-lesson-finale card stack' },
    h('h2', null, t('finale.title')), h('p', null, t('finale.lead')), rollout(),
    h('p', { class: 'imds-lesson-result' }, share()), h('div', null, copyButton(share, t('finale.copy'), t('finale.copied'))));
}
