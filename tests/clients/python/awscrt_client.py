"""aws-c-auth, which is part of the AWS Common Runtime: the credentials of its default providers."""

import json

from awscrt.auth import AwsCredentialsProvider
from awscrt.io import ClientBootstrap, DefaultHostResolver, EventLoopGroup

group = EventLoopGroup(1)
bootstrap = ClientBootstrap(group, DefaultHostResolver(group))
credentials = AwsCredentialsProvider.new_default_chain(bootstrap).get_credentials().result(timeout=30)
print(json.dumps({"access_key": credentials.access_key_id, "token": bool(credentials.session_token)}))
