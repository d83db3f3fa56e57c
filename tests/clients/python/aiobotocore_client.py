"""aiobotocore: the credentials and the region of a session that configures neither."""

import asyncio
import json

from aiobotocore.session import get_session
from aiobotocore.utils import AioInstanceMetadataRegionFetcher


async def found():
    credentials = await get_session().get_credentials()
    frozen = await credentials.get_frozen_credentials()
    region = await AioInstanceMetadataRegionFetcher().retrieve_region()
    return {"method": credentials.method, "access_key": frozen.access_key, "region": region}


print(json.dumps(asyncio.run(found())))
