"""Every property of ec2-metadata, which has a fixed endpoint."""

from functools import cached_property

from dialogue import serve
from ec2_metadata import EC2Metadata, NetworkInterface, ec2_metadata


def properties(thing):
    kind = type(thing)
    names = [name for name, value in vars(kind).items() if isinstance(value, (property, cached_property))]
    return {name: plain(getattr(thing, name)) for name in names}


def plain(value):
    if isinstance(value, (EC2Metadata, NetworkInterface)):
        return properties(value)
    if isinstance(value, bytes):
        return value.decode()
    if hasattr(value, "items"):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value if isinstance(value, (str, int, type(None))) else repr(value)


serve({"properties": lambda: properties(ec2_metadata)})
