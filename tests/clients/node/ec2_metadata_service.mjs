// @aws-sdk/ec2-metadata-service, kept between commands. The endpoint comes from the environment.

import { serve, require } from "./dialogue.mjs";

const { MetadataService } = require("@aws-sdk/ec2-metadata-service");

const options = { backoff: 0.05, ...JSON.parse(process.env.OPTIONS ?? "{}") };
const service = new MetadataService(options);
const tokenless = new MetadataService({ ...options, disableFetchToken: true });

serve({
  get: (path) => service.request(path, {}),
  "get-without": (path) => tokenless.request(path, {}),
  "get-with": (token, path) => tokenless.request(path, { headers: { "x-aws-ec2-metadata-token": token } }),
  token: () => service.fetchMetadataToken(),
});
