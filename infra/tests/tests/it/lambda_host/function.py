#!/usr/bin/env python3
"""A function that behaves as its event says: {"do": "answer" | "fail" | "die" | "sleep"}."""

import json
import os
import sys
import time
import urllib.request

BASE = f"{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime"

if os.environ.get("DIE_AT_START"):
    sys.exit("no good")

while True:
    with urllib.request.urlopen(f"{BASE}/invocation/next") as response:
        request_id = response.headers["lambda-runtime-aws-request-id"]
        event = json.load(response)
    print("serving", event["do"], flush=True)
    ending, answer = "response", {"pid": os.getpid(), "request_id": request_id}
    if event["do"] == "die":
        sys.exit(1)
    if event["do"] == "sleep":
        time.sleep(60)
    if event["do"] == "fail":
        ending, answer = "error", {"errorType": "Failed"}
    if event["do"] == "large":
        answer = "x" * 7_000_000
    request = urllib.request.Request(f"{BASE}/invocation/{request_id}/{ending}", json.dumps(answer).encode())
    try:
        urllib.request.urlopen(request).close()
    except urllib.error.HTTPError as error:
        print("refused", error.code, flush=True)
