"""The faults of a response: elements that botocore's service model of EC2 lacks, and missing ones."""

import base64
import re
from xml.etree import ElementTree

NAMESPACE = "{http://ec2.amazonaws.com/doc/2016-11-15/}"
# Operations without output in the model respond with `return`, which is true. Source: AWS.
NO_OUTPUT = {"requestId", "return"}
TEXTS = {
    "boolean": re.compile("true|false"),
    "double": re.compile(r"-?\d+(\.\d+)?"),
    "float": re.compile(r"-?\d+(\.\d+)?"),
    "integer": re.compile(r"-?\d{1,10}"),
    "long": re.compile(r"-?\d{1,19}"),
    "timestamp": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z"),
}


def faults_of_response(operation, body):
    """The faults of a successful response."""
    root = ElementTree.fromstring(body)
    if root.tag != f"{NAMESPACE}{operation.name}Response":
        return [f"the root is {root.tag}"]
    head = [child for child in root if name_of(child) == "requestId"]
    faults = [] if len(head) == 1 and head[0].text else ["there is not exactly one requestId"]
    if operation.output_shape is None:
        return faults + [f"{name_of(child)} is not in the model" for child in root if name_of(child) not in NO_OUTPUT]
    for child in head:
        root.remove(child)
    return faults + faults_of(operation.output_shape, root)


def faults_of_error(body):
    """The faults of an error, whose shape is not in the model. Source: AWS, EC2 developer guide, example error response."""
    root = ElementTree.fromstring(body)
    shape = [(element.tag, bool((element.text or "").strip())) for element in root.iter()]
    expected = [("Response", False), ("Errors", False), ("Error", False), ("Code", True), ("Message", True), ("RequestID", True)]
    return [] if shape == expected else [f"the error has the elements {shape}"]


def faults_of(shape, element):
    faults = []
    examine(shape, element, (), faults)
    return faults


def examine(shape, element, place, faults):
    """Checks an element. Its place is a pair of the parent's place and its name."""
    if element.attrib:
        faults.append(f"{path(place)} has attributes")
    if shape.type_name == "structure":
        examine_members(shape, element, place, faults)
    elif shape.type_name == "list":
        item = shape.member.serialization.get("name", "member")
        for child in element:
            if name_of(child) == item:
                examine(shape.member, child, (place, item), faults)
            else:
                faults.append(f"{path((place, name_of(child)))} is not in the model")
    elif fault := fault_of_text(shape, element):
        faults.append(f"{path(place)} {fault}")


def examine_members(shape, element, place, faults):
    members = members_of(shape)
    seen = set()
    for child in element:
        name = name_of(child)
        if name not in members:
            faults.append(f"{path((place, name))} is not in the model")
        elif name in seen:
            faults.append(f"{path((place, name))} occurs twice")
        else:
            examine(members[name], child, (place, name), faults)
        seen.add(name)
    for name in shape.required_members:
        if name_in_xml(name, shape.members[name]) not in seen:
            faults.append(f"{path((place, name))} is missing")


def fault_of_text(shape, element):
    text = element.text or ""
    if len(element):
        return "has elements"
    if shape.type_name == "blob":
        base64.b64decode(text, validate=True)
    elif shape.type_name == "string":
        if shape.enum and text not in shape.enum:
            return f"is not one of the model's values: {text!r}"
    elif not TEXTS[shape.type_name].fullmatch(text):
        return f"is not of type {shape.type_name}: {text!r}"
    return None


def path(place):
    return f"{path(place[0])}.{place[1]}" if place else ""


MEMBERS = {}


def members_of(shape):
    """The members of a structure by their XML names."""
    if shape.name not in MEMBERS:
        MEMBERS[shape.name] = {name_in_xml(name, member): member for name, member in shape.members.items()}
    return MEMBERS[shape.name]


def name_in_xml(name, member):
    return member.serialization.get("name", name)


def name_of(element):
    return element.tag.removeprefix(NAMESPACE)
