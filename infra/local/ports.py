"""Free ports on loopback."""

import socket

import lifeline


def free_port(remembered):
    """The port in the file `remembered` if it is still free, so that a URL in someone's editor stays right; else another."""
    candidates = [0]
    if remembered.exists() and remembered.read_text().isdigit():
        candidates.insert(0, int(remembered.read_text()))
    for candidate in candidates:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", candidate))
            except (OSError, OverflowError):
                continue
            port = probe.getsockname()[1]
            remembered.write_text(str(port))
            return port
    lifeline.fail("No free port on 127.0.0.1.")
