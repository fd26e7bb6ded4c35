"""What the card provider tells us: a hint, believed only after the object itself was asked for."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.wrappers import Response

from conference.extensions import csrf, db
from conference.payments import provider
from conference.payments.service import events
from conference.web.access import public

blueprint = Blueprint("payments_webhooks", __name__)
csrf.exempt(blueprint)


@blueprint.post("/payments/stripe/webhook")
@public
def stripe() -> Response:
    """Check the signature, ask for the object, apply it once. Unanswered ones are repeated."""
    hint = provider.read_webhook(request.get_data(), request.headers.get("Stripe-Signature", ""))
    known = events.is_known(hint)
    db.session.commit()  # no transaction may be open while the provider is asked
    if not known:
        found = provider.look_up(hint)
        events.take_in(hint, found)
        db.session.commit()
    return Response(status=200)
