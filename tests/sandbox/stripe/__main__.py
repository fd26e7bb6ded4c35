"""`python -m tests.sandbox.stripe --port 5001 --webhook-url URL --state FILE`."""

from __future__ import annotations

import argparse
import os
import signal
import threading
from pathlib import Path

from tests.sandbox.stripe import SECRET, serve

parser = argparse.ArgumentParser(prog="tests.sandbox.stripe", description="A local Stripe sandbox")
parser.add_argument("--port", type=int, default=0)
parser.add_argument("--webhook-url")
parser.add_argument("--webhook-secret", default=os.environ.get("STRIPE_WEBHOOK_SECRET", SECRET))
parser.add_argument("--state", type=Path)
options = parser.parse_args()

sandbox = serve(
    options.port,
    webhook_url=options.webhook_url,
    webhook_secret=options.webhook_secret,
    state=options.state,
)
print(f"Stripe sandbox: {sandbox.url}", flush=True)
ended = threading.Event()
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda *_: ended.set())
ended.wait()
sandbox.stop()
