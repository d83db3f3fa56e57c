"""The EC2 Instance Metadata Service, IMDSv1 and IMDSv2.

>>> from imds import Imds
>>> imds = Imds({"instance_type": "t3.micro"})
>>> imds.handle(b"GET /latest/meta-data/instance-type HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n").status
200

All credentials that it serves are generated. AWS rejects them.
"""

from ._exchange import Change, Exchange, Transmit, Verdict
from ._imds import Connection, Imds, MetadataOptions
from ._module import ImdsError
from ._server import Server

__all__ = [
    "Change",
    "Connection",
    "Exchange",
    "Imds",
    "ImdsError",
    "MetadataOptions",
    "Server",
    "Transmit",
    "Verdict",
]
