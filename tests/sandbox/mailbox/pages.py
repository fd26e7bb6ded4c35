"""The mailbox to look at: a list newest first; a letter with text, HTML, links, attachments."""

from __future__ import annotations

import re
from email.message import EmailMessage
from typing import Any

import flask

from tests.sandbox.mailbox import Letter, Post, addresses

PAGE = 50
POLICY = (
    "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'"
)
# The letter itself may show its own pictures and styles, run nothing, and lead out by a click.
LETTER_POLICY = (
    "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
)


def create_app(post: Post) -> flask.Flask:
    app = flask.Flask(__name__)
    app.add_template_filter(addresses)
    _list(app, post)
    _letter(app, post)
    _parts(app, post)
    _switches(app, post)

    @app.after_request
    def guard(response: flask.Response) -> flask.Response:
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        return response

    return app


def _list(app: flask.Flask, post: Post) -> None:
    @app.get("/")
    def inbox() -> str:
        wanted = flask.request.args.get("q", "").strip()
        found = [
            one for one in reversed(list(post.letters.values())) if _holds(one, wanted.lower())
        ]
        page = max(1, flask.request.args.get("page", 1, type=int))
        shown = found[(page - 1) * PAGE : page * PAGE]
        more = len(found) > page * PAGE
        return flask.render_template(
            "inbox.html", letters=shown, total=len(found), q=wanted, page=page, more=more
        )


def _letter(app: flask.Flask, post: Post) -> None:
    @app.get("/letter/<identity>")
    def letter(identity: str) -> str:
        one = _found(post, identity)
        text = _body(one.message, "plain")
        html = _body(one.message, "html")
        return flask.render_template(
            "letter.html",
            letter=one,
            text=text,
            html=html is not None,
            links=_links(text or html or ""),
            files=_files(one.message),
        )

    @app.get("/letter/<identity>/html")
    def html(identity: str) -> flask.Response:
        one = _found(post, identity)
        body = _body(one.message, "html")
        if body is None:
            flask.abort(404)
        address = flask.url_for("part", identity=identity, number=0)[:-1]
        for number, part in enumerate(one.message.walk()):
            name = str(part.get("Content-ID", "")).strip("<> ")
            if name:
                body = body.replace(f"cid:{name}", f"{address}{number}")
        response = flask.Response('<base target="_top">' + body, mimetype="text/html")
        response.headers["Content-Security-Policy"] = LETTER_POLICY
        return response


def _parts(app: flask.Flask, post: Post) -> None:
    @app.get("/letter/<identity>/part/<int:number>")
    def part(identity: str, number: int) -> flask.Response:
        parts = list(_found(post, identity).message.walk())
        if number >= len(parts) or parts[number].is_multipart():
            flask.abort(404)
        content = parts[number].get_payload(decode=True)
        inline = parts[number].get_content_maintype() == "image"
        response = flask.Response(content, content_type=parts[number].get_content_type())
        response.headers.set(
            "Content-Disposition",
            "inline" if inline else "attachment",
            filename=parts[number].get_filename() or f"part-{number}",
        )
        return response

    @app.get("/letter/<identity>/raw")
    def raw(identity: str) -> flask.Response:
        return flask.Response(_found(post, identity).raw, mimetype="text/plain")


def _switches(app: flask.Flask, post: Post) -> None:
    @app.get("/_sandbox/style.css")
    def style() -> flask.Response:
        return flask.send_from_directory(f"{app.root_path}/templates", "style.css")

    @app.route("/_sandbox/faults", methods=["GET", "POST"])
    def faults() -> flask.typing.ResponseReturnValue:
        for name, value in (flask.request.get_json() if flask.request.data else {}).items():
            if name not in vars(post.faults):
                return {"error": f"no such switch: {name}"}, 400
            setattr(post.faults, name, value)
        return vars(post.faults)


def _found(post: Post, identity: str) -> Letter:
    letter = post.letters.get(identity)
    if letter is None:
        flask.abort(404)
    return letter


def _holds(letter: Letter, words: str) -> bool:
    return not words or words in " ".join([*letter.to, letter.subject]).lower()


def _body(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body((kind,))
    return None if part is None else str(part.get_content())


def _links(text: str) -> list[str]:
    found = re.findall(r"https?://[^\s<>\"')]+", text)
    return list(dict.fromkeys(link.rstrip(".,;:") for link in found))


def _files(message: EmailMessage) -> list[dict[str, Any]]:
    files = []
    for number, part in enumerate(message.walk()):
        if part.get_filename() and not part.is_multipart():
            size = len(part.get_payload(decode=True) or b"")
            kind = part.get_content_type()
            files.append(
                {"number": number, "name": part.get_filename(), "kind": kind, "size": size}
            )
    return files
