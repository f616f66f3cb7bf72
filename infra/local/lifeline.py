"""How the processes of the local system die with the program that started them.

`cargo dev` holds the other end of a launcher's standard input. However it ends, also by SIGKILL, the system closes that
pipe, and the launcher stops what it runs.
"""

import ctypes
import json
import signal
import sys
import threading

_PR_SET_PDEATHSIG = 1


def when_parent_goes(stop):
    """Calls `stop` once the parent closes our standard input or asks us to end."""
    once = threading.Lock()

    def stop_once():
        if once.acquire(blocking=False):
            stop()

    def wait_for_end_of_input():
        while sys.stdin.buffer.read(4096):
            pass
        stop_once()

    def stop_outside_handler(_signal, _frame):
        threading.Thread(target=stop_once, daemon=True).start()

    signal.signal(signal.SIGTERM, stop_outside_handler)
    signal.signal(signal.SIGINT, stop_outside_handler)
    threading.Thread(target=wait_for_end_of_input, daemon=True).start()


def die_with_launcher():
    """For `preexec_fn`: the child is killed even if its launcher is (Linux; elsewhere an orphan is found at the next start)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def ready(output, **facts):
    """Tells the parent that the service can be used, and how."""
    print(json.dumps(facts), file=output, flush=True)


def fail(sentence):
    """Ends the launcher with a sentence that the parent shows to the user: the last line of the log."""
    print(" ".join(sentence.split()), file=sys.stderr, flush=True)
    sys.exit(1)
