"""The requests of cloud-init's EC2 data source: the version, everything below meta-data, then user data."""

import json
import os
import urllib.error
import urllib.request

from dialogue import serve

BASE = os.environ["IMDS"]
# Newest first. A service that lacks a version may have an older one.
VERSIONS = ["2021-03-23", "2018-09-24", "2016-09-02", "2009-04-04"]
TIMEOUT = 10
token = None


def send(path, method="GET", headers=None):
    if token and method == "GET":
        headers = {"X-aws-ec2-metadata-token": token}
    request = urllib.request.Request(f"{BASE}/{path}", method=method, headers=headers or {})
    with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
        return response.read().decode()


def get(path):
    """Repeats the request with a new token if the token is rejected."""
    try:
        return send(path)
    except urllib.error.HTTPError as error:
        if error.code != 401:
            raise
        get_token()
        return send(path)


def get_token():
    global token
    token = None
    try:
        token = send("latest/api/token", "PUT", {"X-aws-ec2-metadata-token-ttl-seconds": "21600"})
    except urllib.error.HTTPError as error:
        if error.code == 403:
            raise RuntimeError("Unable to get an IMDSv2 token: the HTTP endpoint is disabled") from None
        raise


def version():
    for candidate in VERSIONS:
        try:
            get(f"{candidate}/meta-data/instance-id")
            return candidate
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
    return None


def walk(url):
    """Reads a listing: an entry with a slash is a listing, `0=name` is a key, everything else is text or JSON."""
    found = {}
    for entry in filter(None, get(url).splitlines()):
        name = entry.rstrip("/")
        if name == "security-credentials":
            continue
        if entry.endswith("/"):
            found[name] = walk(f"{url}{name}/")
        elif "=" in entry:
            number, key = entry.split("=", 1)
            found[key] = leaf(f"{url}{number}/openssh-key")
        else:
            found[name] = leaf(f"{url}{name}")
    return found


def leaf(url):
    text = get(url)
    if text.startswith("{"):
        return json.loads(text)
    return text.split("\n") if "\n" in text else text


def crawl():
    get_token()
    chosen = version()
    metadata = walk(f"{chosen}/meta-data/")
    identity = leaf(f"{chosen}/dynamic/instance-identity/document")
    try:
        user_data = get(f"{chosen}/user-data")
    except urllib.error.HTTPError as error:
        if error.code != 404:
            raise
        user_data = None
    return {"version": chosen, "meta-data": metadata, "identity": identity, "user-data": user_data}


serve({"crawl": crawl, "version": version})
