"""Writes www/js/shell/ec2-model.js: the part of EC2's service model that the shell's `aws` needs.

    pip download --no-deps botocore==1.17.31 && unzip botocore-1.17.31-*.whl -d OLD
    python3 www/test/shell-ec2-model.py OLD [NEW] > www/js/shell/ec2-model.js

OLD holds the botocore of the article's aws-cli 1.18.107. NEW holds a later one (by default the installed one); what only it
knows is marked with `+`. Of the answers only those members are kept whose elements src/control/ writes.
"""

import json
import pathlib
import re
import sys
import gzip

ROOT = pathlib.Path(__file__).resolve().parents[2]
ACTIONS = re.findall(r'name: "(\w+)"', (ROOT / "src/control/actions.rs").read_text())
WRITTEN = set()
for file in (ROOT / "src/control").glob("*.rs"):
    WRITTEN |= set(re.findall(r'"([a-z]\w*)"', file.read_text()))
SCALARS = {"integer": "#", "long": "#", "boolean": "?"}


def load(root):
    plain = root / "botocore/data/ec2/2016-11-15/service-2.json"
    return json.loads(plain.read_text() if plain.exists() else gzip.open(f"{plain}.gz").read())


def installed():
    import botocore

    return pathlib.Path(botocore.__file__).parents[1]


old = load(pathlib.Path(sys.argv[1]))
new = load(pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else installed())
shapes = {}
VERSION = re.search(r'__version__ = "([\d.]+)"'.replace('"', "['\"]"), (pathlib.Path(sys.argv[1]) / "botocore/__init__.py").read_text())[1]


def kind(model, shape_name, way):
    shape = model["shapes"][shape_name]
    if shape["type"] == "list":
        inner = kind(model, shape["member"]["shape"], way)
        return "*" + inner
    if shape["type"] == "structure":
        add(model, shape_name, way)
        return ">" + shape_name
    return SCALARS.get(shape["type"], "")


def later(way, name):
    """The members that only the later model has, of the requests that tell of metadata options."""
    return new["shapes"][name]["members"] if way == "in" and "MetadataOptions" in name else {}


def add(model, name, way):
    if name in shapes:
        return
    shape = model["shapes"][name]
    parts = shapes[name] = []
    known = shape["members"]
    more = {k: v for k, v in later(way, name).items() if k not in known} if model is old else {}
    for member, it in [*known.items(), *more.items()]:
        source = model if member in known else new
        wire = it.get("queryName") if way == "in" and it.get("queryName") else it.get("locationName", member)
        if way == "out" and wire not in WRITTEN:
            continue
        if way == "in":
            wire = wire[0].upper() + wire[1:]
        default = member if way == "in" else member[0].lower() + member[1:]
        text = ("" if member in known else "+") + member
        if wire != default:
            text += "=" + wire
        text += kind(source, it["shape"], way)
        if way == "in" and member in shape.get("required", []):
            text += "!"
        parts.append(text)


# What goes in comes first: a structure that goes both ways has all its members there.
operations = {}
for way in ("in", "out"):
    for action in ACTIONS:
        model = old if action in old["operations"] else new
        target = model["operations"][action].get(f"{way}put")
        if target:
            add(model, target["shape"], way)
        mark = "" if model is old else "+"
        operations[action] = f"{operations.get(action, mark + action)} {target['shape'] if target else ''}".strip()

lines = "\n".join(f"{name} {' '.join(parts)}".strip() for name, parts in sorted(shapes.items()))
print(
    f"""// @ts-check
// Written by www/test/shell-ec2-model.py from botocore {VERSION}; the licence of that data is Apache-2.0.
// A member is its name, `=` its name on the wire where that is another, then `#` a number, `?` true or false, `*` a list of what
// follows, `>` a structure, `!` needed; `+` before it: only later versions of the CLI have it.

/** action, what goes in, what comes out */
export const OPERATIONS = `
{chr(10).join(operations.values())}
`;

/** structure, members in the model's order */
export const SHAPES = `
{lines}
`;"""
)
