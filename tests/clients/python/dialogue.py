"""Answers each line of standard input with a line of JSON: {"ok": ...} or {"error": "..."}."""

import json
import sys


def answer(clients):
    for line in sys.stdin:
        name, *arguments = line.split()
        try:
            said = {"ok": clients[name](*arguments)}
        except Exception as error:
            said = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(said), flush=True)
