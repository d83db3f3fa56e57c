// The AWS SDK for JavaScript, version 2: the credentials of an instance and its reader of metadata.

import { createRequire } from "node:module";
import { promisify } from "node:util";

process.env.AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE = "1";
const AWS = createRequire(`${process.cwd()}/`)("aws-sdk");

const credentials = new AWS.EC2MetadataCredentials();
await credentials.getPromise();
const service = new AWS.MetadataService();
const token = await promisify(service.fetchMetadataToken.bind(service))();
const options = { headers: { "x-aws-ec2-metadata-token": token } };
const get = (path) => promisify(service.request.bind(service))(path, options);
console.log(
  JSON.stringify({
    access_key: credentials.accessKeyId,
    instance_id: await get("/latest/meta-data/instance-id"),
    region: await get("/latest/meta-data/placement/region"),
    tag: await get("/latest/meta-data/tags/instance/Name"),
    user_data: await get("/latest/user-data"),
  }),
);
