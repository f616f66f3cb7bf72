"""Runs MiniStack, the local AWS, until its standard input closes: `python aws.py <directory>`.

On success one line of JSON is printed: `{"port": …}`. Nothing is kept between two runs: the stack is deployed anew.

How MiniStack runs a `provided.al2023` function, as far as it matters to us:

- `bootstrap` is unpacked into TMPDIR and started as a child process, on the first request and not before. The process
  stays and serves one invocation at a time, as an execution environment does. A request that finds all of them busy
  starts one more, without limit but for LAMBDA_ACCOUNT_CONCURRENCY; those beyond the first end after 300 s of idleness.
- A process that died or overran its time-out is replaced at the next request; the failed one is answered like AWS
  would.
- A function inherits the whole environment of MiniStack, and then the variables of the template. So ours is made small
  by `cargo dev`, and AWS_ENDPOINT_URL must be in it.
- Every invocation has a thread of its own, which starts the process where one is needed. PR_SET_PDEATHSIG means that
  thread, so the functions cannot be tied to MiniStack by it: they share its process group instead, and `cargo dev`
  kills the group. One that is left over ends by itself when its next poll finds no runtime API.
"""

import json
import os
import signal
import sys
import threading
import time
import urllib.request
from pathlib import Path

import lifeline
import ports

START_SECONDS = 60
SCHEDULER_SWEEP_SECONDS = 1


def main():
    home = Path(sys.argv[1]).resolve()
    home.mkdir(parents=True, exist_ok=True)
    port = ports.free_port(home / "port")
    endpoint = f"http://127.0.0.1:{port}"
    os.environ |= {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "AWS_ENDPOINT_URL": endpoint,
        # What a function's role does not allow is refused, as on AWS. (Whoever has the keys that `cargo dev` gave us may do
        # everything, and so may one whose access key is the number of an account.)
        "AUTH": "true",
        # Services that would open ports of their own.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
    }
    lifeline.when_parent_goes(kill_group)
    facts = keep_stdout_for_facts()
    threading.Thread(target=announce, args=(facts, endpoint, port), daemon=True).start()

    # Imported here because they read the environment when they are imported.
    import ministack.app
    import ministack.services.lambda_svc
    import ministack.services.scheduler

    import alarms
    import loopback
    import mappings
    import permissions
    import redrive

    # Schedules would otherwise fire up to ten seconds late.
    ministack.services.scheduler._SCHEDULE_TICK_INTERVAL = SCHEDULER_SWEEP_SECONDS
    permissions.check_as_aws(home / "refused.log")
    loopback.count_as_tls()
    alarms.take_those_on_expressions()
    mappings.take_limits_for_numbers()
    redrive.take_moves()
    list_schedules_in_pages(ministack.services.scheduler)
    also_write_logs_to(home / "functions.log", ministack.services.lambda_svc)
    sys.argv = ["ministack"]
    ministack.app.main()


def list_schedules_in_pages(scheduler):
    """MiniStack lists the first page of schedules and does not say that there are more."""
    list_first = scheduler._list_schedules

    def list_page(query):
        status, _headers, body = list_first({**query, "MaxResults": str(2**31)})
        after = query.get("NextToken", "")
        rest = sorted((it for it in json.loads(body)["Schedules"] if it["Name"] > after), key=lambda it: it["Name"])
        page = rest[: int(query.get("MaxResults", 100))]
        more = {"NextToken": page[-1]["Name"]} if len(page) < len(rest) else {}
        return scheduler._json_resp(status, {"Schedules": page, **more})

    scheduler._list_schedules = list_page


def also_write_logs_to(path, lambda_service):
    """What functions log goes to CloudWatch Logs, where a developer would not look for it: so it goes to a file as well."""
    path.write_text("")
    emit = lambda_service._emit_lambda_logs

    def emit_and_write(function, request_id, log, *more, **named):
        if log:
            # In one piece: several functions write at the same time.
            with open(path, "ab", buffering=0) as file:
                file.write(log.rstrip("\n").encode() + b"\n")
        return emit(function, request_id, log, *more, **named)

    lambda_service._emit_lambda_logs = emit_and_write


def keep_stdout_for_facts():
    """MiniStack logs to standard output: that goes to the log, and the real one is kept for `announce`."""
    facts = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return facts


def announce(facts, endpoint, port):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=2):
                lifeline.ready(facts, port=port)
                return
        except OSError:
            time.sleep(0.05)
    print(f"MiniStack was not ready after {START_SECONDS} s.", file=sys.stderr, flush=True)
    kill_group()


def kill_group():
    """Ends MiniStack and the functions it started. There is nothing to save, and a killed group leaves nothing behind."""
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    main()
