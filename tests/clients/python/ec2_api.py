"""EC2's API through botocore. Every response is also compared with botocore's service model of EC2."""

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
from dialogue import serve
from ec2_model import faults_of, faults_of_error, faults_of_response

session = Session()
# Many instances share a launch time, and parsing it takes half of the time.
session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=cache(parse_timestamp))
faults = []
# The last successful response, unparsed.
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
    made.meta.events.register("before-parse.ec2", compare_with_model)
    return made


def compare_with_model(operation_model, response_dict, **_):
    body = response_dict["body"]
    if response_dict["status_code"] < 300:
        last.update(operation=operation_model.name, body=body.decode())
        found = faults_of_response(operation_model, body)
    else:
        found = faults_of_error(body)
    faults.extend(f"{operation_model.name}: {fault}" for fault in found)


def at(endpoint):
    """Sends further requests to this endpoint."""
    global ec2, unchecked, METHODS
    ec2 = client(endpoint)
    # botocore rejects parameters that its model does not allow. This client leaves that to the server.
    unchecked = client(endpoint, parameter_validation=False)
    METHODS = {operation: method for method, operation in ec2.meta.method_to_api_mapping.items()}


def call(operation, parameters, pick="@"):
    return jmespath.search(pick, getattr(ec2, METHODS[operation])(**parameters))


def outcome(operation, parameters):
    try:
        return {"done": getattr(unchecked, METHODS[operation])(**parameters)}
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return {"rejected": {"status": status, **error.response["Error"]}}


def pages(operation, parameters, size, pick):
    paginator = ec2.get_paginator(METHODS[operation])
    found = paginator.paginate(**parameters, PaginationConfig={"PageSize": size})
    return [jmespath.search(pick, page) for page in found]


def wait(waiter, parameters, meanwhile=None):
    """Runs a waiter and an operation after its first request, and returns the number of its requests."""
    polls = []

    def on_answer(**_):
        polls.append(None)
        if meanwhile and len(polls) == 1:
            call(*meanwhile)

    events = ec2.meta.events
    events.register("after-call.ec2.DescribeInstances", on_answer)
    try:
        ec2.get_waiter(waiter).wait(**parameters, WaiterConfig={"Delay": 1, "MaxAttempts": 20})
    except WaiterError as error:
        return {"polls": len(polls), "gave_up": str(error)}
    finally:
        events.unregister("after-call.ec2.DescribeInstances", on_answer)
    return {"polls": len(polls)}


def documented_filters(operation):
    """The names of all filters in the model's documentation, with a key for `<key>`."""
    shape = ec2.meta.service_model.operation_model(operation).input_shape.members["Filters"]
    names = re.findall("<li> <p> <code>([^ ]*?)</code>(:&lt;key&gt;)?", shape.documentation)
    return [html.unescape(name + key).replace("<key>", "Name") for name, key in names]


def example(command):
    """The first output in AWS's example of an AWS CLI command."""
    file = Path(awscli.__file__).parent / "examples" / "ec2" / f"{command}.rst"
    _, output = file.read_text().split("Output::", 1)
    return json.JSONDecoder().raw_decode(output.lstrip())[0]


def faults_of_altered(old, new):
    """The faults of the last response after a replacement of text."""
    assert old in last["body"], f"{old} is not in {last['body']}"
    operation = ec2.meta.service_model.operation_model(last["operation"])
    return faults_of_response(operation, last["body"].replace(old, new, 1))


def missing_members(operation):
    """The faults of an empty input of the operation. No output has required members."""
    shape = ec2.meta.service_model.operation_model(operation).input_shape
    return faults_of(shape, Element(operation))


def checked(command):
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


commands = [at, call, outcome, pages, wait, documented_filters, example, faults_of_altered, missing_members]
serve({command.__name__: checked(command) for command in commands})
