"""Prints a line of JSON for each line of standard input: {"ok": ...} or {"error": "..."}."""

import json
import sys


def serve(clients):
    for line in sys.stdin:
        name, *arguments = line.split()
        try:
            result = {"ok": clients[name](*arguments)}
        except Exception as error:
            result = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(result), flush=True)
