// @smithy/credential-provider-imds, kept between commands. The endpoint comes from the environment.

import { serve, require } from "./dialogue.mjs";

const { fromInstanceMetadata } = require("@smithy/credential-provider-imds");

const logger = { debug() {}, info() {}, warn() {}, error() {} };
const provider = fromInstanceMetadata({ logger, ...JSON.parse(process.env.OPTIONS ?? "{}") });

serve({ credentials: () => provider() });
