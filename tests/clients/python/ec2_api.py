"""EC2's API through botocore. Every response is held against botocore's service model of EC2 besides."""

import datetime
import html
import json
import re
from functools import cache
from pathlib import Path
from xml.etree.ElementTree import Element

import awscli
import jmespath
from botocore.config import Config
from botocore.exceptions import ClientError, WaiterError
from botocore.session import Session
from botocore.utils import parse_timestamp
from dialogue import answer
from ec2_model import faults_of, faults_of_refusal, faults_of_response

session = Session()
# Many instances have one launch time, and reading it takes as long as reading all the rest.
session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=cache(parse_timestamp))
faults = []
# The last response to an operation that was done, as it came.
last = {}


def client(endpoint, **config):
    made = session.create_client(
        "ec2",
        region_name="us-east-1",
        endpoint_url=endpoint,
        aws_access_key_id="fake",
        aws_secret_access_key="fake",
        config=Config(retries={"total_max_attempts": 1}, **config),
    )
    made.meta.events.register("before-parse.ec2", hold_against_model)
    return made


def hold_against_model(operation_model, response_dict, **_):
    body = response_dict["body"]
    if response_dict["status_code"] < 300:
        last.update(operation=operation_model.name, body=body.decode())
        found = faults_of_response(operation_model, body)
    else:
        found = faults_of_refusal(body)
    faults.extend(f"{operation_model.name}: {fault}" for fault in found)


def at(endpoint):
    """Asks this endpoint from here on."""
    global ec2, unchecked, METHODS
    ec2 = client(endpoint)
    # botocore refuses by itself what its model does not allow. This one leaves that to whom it asks.
    unchecked = client(endpoint, parameter_validation=False)
    METHODS = {operation: method for method, operation in ec2.meta.method_to_api_mapping.items()}


def call(operation, parameters, pick="@"):
    return jmespath.search(pick, getattr(ec2, METHODS[operation])(**parameters))


def outcome(operation, parameters):
    try:
        return {"done": getattr(unchecked, METHODS[operation])(**parameters)}
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return {"refused": {"status": status, **error.response["Error"]}}


def pages(operation, parameters, size, pick):
    paginator = ec2.get_paginator(METHODS[operation])
    found = paginator.paginate(**parameters, PaginationConfig={"PageSize": size})
    return [jmespath.search(pick, page) for page in found]


def wait(waiter, parameters, meanwhile=None):
    """Waits, does something else once the waiter has asked for the first time, and gives how often it asked."""
    asked = []

    def on_answer(**_):
        asked.append(None)
        if meanwhile and len(asked) == 1:
            call(*meanwhile)

    events = ec2.meta.events
    events.register("after-call.ec2.DescribeInstances", on_answer)
    try:
        ec2.get_waiter(waiter).wait(**parameters, WaiterConfig={"Delay": 1, "MaxAttempts": 20})
    except WaiterError as error:
        return {"asked": len(asked), "gave_up": str(error)}
    finally:
        events.unregister("after-call.ec2.DescribeInstances", on_answer)
    return {"asked": len(asked)}


def documented_filters(operation):
    """The names of all filters that the model's documentation has, with a key where it says `<key>`."""
    shape = ec2.meta.service_model.operation_model(operation).input_shape.members["Filters"]
    names = re.findall("<li> <p> <code>([^ ]*?)</code>(:&lt;key&gt;)?", shape.documentation)
    return [html.unescape(name + key).replace("<key>", "Name") for name, key in names]


def example(command):
    """The output that AWS's own example of an AWS CLI's command shows first."""
    file = Path(awscli.__file__).parent / "examples" / "ec2" / f"{command}.rst"
    _, output = file.read_text().split("Output::", 1)
    return json.JSONDecoder().raw_decode(output.lstrip())[0]


def altered(old, new):
    """What the check says of the last response with another text in it."""
    assert old in last["body"], f"{old} is not in {last['body']}"
    operation = ec2.meta.service_model.operation_model(last["operation"])
    return faults_of_response(operation, last["body"].replace(old, new, 1))


def of_nothing(operation):
    """What the check says of an element without members as an operation's input, for no output has one that is required."""
    shape = ec2.meta.service_model.operation_model(operation).input_shape
    return faults_of(shape, Element(operation))


def asked(command):
    def with_arguments(*words):
        faults.clear()
        found = command(*map(json.loads, words))
        assert not faults, "; ".join(faults[:5])
        return plain(found)

    return with_arguments


def plain(value):
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if key != "ResponseMetadata"}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime.datetime) else value


commands = [at, call, outcome, pages, wait, documented_filters, example, altered, of_nothing]
answer({command.__name__: asked(command) for command in commands})
