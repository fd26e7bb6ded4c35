"""`python -m tests.sandbox.mailbox --smtp-port 5002 --http-port 5003 --folder var/mail`."""

from __future__ import annotations

import argparse
import signal
import threading
from pathlib import Path

from tests.sandbox.mailbox import serve

parser = argparse.ArgumentParser(prog="tests.sandbox.mailbox", description="A mailbox for the demo")
parser.add_argument("--smtp-port", type=int, default=0)
parser.add_argument("--http-port", type=int, default=0)
parser.add_argument("--folder", type=Path)
options = parser.parse_args()

mailbox = serve(options.smtp_port, options.http_port, folder=options.folder)
print(f"Mailbox: {mailbox.url} (SMTP port {mailbox.smtp_port})", flush=True)
ended = threading.Event()
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda *_: ended.set())
ended.wait()
mailbox.stop()
