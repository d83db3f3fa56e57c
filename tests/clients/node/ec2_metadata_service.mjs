// @aws-sdk/ec2-metadata-service, kept from one question to the next. The endpoint comes from the environment.

import { answer, require } from "./dialogue.mjs";

const { MetadataService } = require("@aws-sdk/ec2-metadata-service");

const options = { backoff: 0.05, ...JSON.parse(process.env.OPTIONS ?? "{}") };
const service = new MetadataService(options);
const tokenless = new MetadataService({ ...options, disableFetchToken: true });

answer({
  get: (path) => service.request(path, {}),
  "get-without": (path) => tokenless.request(path, {}),
  "get-with": (token, path) => tokenless.request(path, { headers: { "x-aws-ec2-metadata-token": token } }),
  token: () => service.fetchMetadataToken(),
});
