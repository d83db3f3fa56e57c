// @smithy/credential-provider-imds, kept from one question to the next. The endpoint comes from the environment.

import { answer, require } from "./dialogue.mjs";

const { fromInstanceMetadata } = require("@smithy/credential-provider-imds");

const logger = { debug() {}, info() {}, warn() {}, error() {} };
const provider = fromInstanceMetadata({ logger, ...JSON.parse(process.env.OPTIONS ?? "{}") });

answer({ credentials: () => provider() });
