"""The WSGI entry point: `granian --interface wsgi wsgi:app`."""

import gc

gc.disable()  # nothing made while starting is waste, and looking for it takes a fifth longer

from conference.app import create_app  # noqa: E402

app = create_app()

# What was made so far stays: looking through it again and again would hold up requests.
gc.collect()
gc.freeze()
gc.enable()
