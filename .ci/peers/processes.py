"""Processes under measurement: servers that are started and ended, clients that do their work, and the CPU time of both.

CPU seconds are user plus system time, which the kernel accounts in nanoseconds: of a client by wait4(2) when it has ended,
start-up and report included; of a server by its process CPU clock, read before and after the client, start-up excluded.
"""

import contextlib
import os
import re
import signal
import socket
import subprocess
import time

PATIENCE = 300  # seconds that one client may take


class Failed(Exception):
    """A contender did not do its work; the text is its evidence."""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def spawn(command, **streams):
    """Starts a command with no input; Failed where it is not installed."""
    try:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, **streams)
    except FileNotFoundError:
        raise Failed(f"{os.path.basename(command[0])} is not installed") from None


def cpu_seconds(pid):
    """CPU seconds that the process and all its threads have used so far (see clock_getcpuclockid(3))."""
    return time.clock_gettime((~pid << 3) | 2)


def machine_seconds():
    """CPU seconds that all processors of the machine have been busy so far, and interrupts and stolen time with them."""
    with open("/proc/stat") as stat:
        user, nice, system, _, _, irq, softirq, steal = map(int, stat.readline().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def server(command, port):
    """Runs a server until the block ends; yields its process once it listens."""
    process = spawn(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        await_listener(process, command, port)
        yield process
    finally:
        process.kill()
        process.wait()


def await_listener(process, command, port):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Failed(f"{command[0]} ended with {process.returncode} before it listened")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as s:
            s.recv(512)
            s.sendall(b"QUIT\r\n")
            s.recv(512)
            return
        time.sleep(0.02)
    raise Failed(f"{command[0]} did not listen on port {port} within 10 s")


def client(command, output):
    """Runs a client to its end; returns wall seconds and CPU seconds. What it prints goes to the file output."""
    with open(output, "wb") as out:
        began = time.monotonic()
        process = spawn(command, stdout=out, stderr=subprocess.STDOUT)
        with killed_after(PATIENCE, process):
            _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        with open(output, "rb") as out:
            tail = out.read()[-300:].decode(errors="replace").strip()
        raise Failed(f"{' '.join(command)} ended with {process.returncode}: {tail}")
    return wall, used.ru_utime + used.ru_stime


def client_for_a_minute(command, folder):
    """Runs postal until it prints its first full minute; returns messages, wall seconds and CPU seconds.

    It leaves its postal.log in folder.

    Its line is: time,messages,data(K),errors,connections,SSL connections.
    """
    began = time.monotonic()
    process = spawn(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder)
    try:
        with killed_after(100, process):
            for line in process.stdout:
                minute = re.match(r"\d\d:\d\d,(\d+),\d+,(\d+),", line)
                if minute:
                    if minute[2] != "0":
                        raise Failed(f"{command[0]} counted errors: {line.strip()}")
                    return int(minute[1]), time.monotonic() - began, cpu_seconds(process.pid)
        raise Failed(f"{command[0]} printed no minute")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@contextlib.contextmanager
def killed_after(seconds, process):
    """Ends the process when the block takes longer, so that no wait in the block is without end."""
    old = signal.signal(signal.SIGALRM, lambda *_: process.kill())
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, old)
