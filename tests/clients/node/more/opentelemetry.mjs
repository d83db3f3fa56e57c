// OpenTelemetry's detector of EC2.

import { createRequire } from "node:module";

const require = createRequire(`${process.cwd()}/`);
const { detectResources } = require("@opentelemetry/resources");
const { awsEc2Detector } = require("@opentelemetry/resource-detector-aws");

const resource = detectResources({ detectors: [awsEc2Detector] });
await resource.waitForAsyncAttributes();
console.log(JSON.stringify(resource.attributes));
