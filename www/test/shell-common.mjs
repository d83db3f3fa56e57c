// Shared by the tests of the shell: the article's fleet, and a fixed clock.

import { readFileSync } from 'node:fs';

import { loadSync } from '../../pkg/js/module.js';

loadSync(readFileSync(new URL('../../pkg/dist/imds.wasm', import.meta.url)));

export const FLEET = readFileSync(new URL('../../examples/article-fleet.json', import.meta.url), 'utf8');
export const START = Date.parse('2020-09-26T14:45:29Z');
/** The article's launch as a request of the EC2 API. */
export const LAUNCH = 'Action=RunInstances&Version=2016-11-15&ImageId=ami-0ce107ae7af2e92b5&InstanceType=t2.nano&KeyName=key_file&MinCount=1&MaxCount=1&TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=Name&TagSpecification.1.Tag.1.Value=test_instance';
export const golden = (name) => readFileSync(new URL(`golden/${name}`, import.meta.url), 'utf8');
/** The caller of the CLI on cli_instance. */
export const IDENTITY = { Arn: 'arn:aws:sts::123456789012:assumed-role/cli_role/i-0c11a7e9b2d04f3a6', UserId: 'AROAEXAMPLEROLE123456:i-0c11a7e9b2d04f3a6', Account: '123456789012' };
/** The seed of the tests, in hexadecimal digits. */
export const SEED = '2a';
