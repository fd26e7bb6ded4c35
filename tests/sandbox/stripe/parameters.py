"""Requests as Stripe reads them: a tree of fields, checked against the SDK's own types."""

from __future__ import annotations

import re
import sys
import types
import typing
from collections.abc import Iterable
from functools import cache
from typing import Any

import stripe
import typing_extensions
from stripe._request_options import RequestOptions

# The options of the SDK's own call, such as the idempotency key, travel as headers.
_OPTIONS = frozenset(RequestOptions.__annotations__)
_TREES = (dict, list)


class InvalidRequest(Exception):
    """The refusal Stripe gives to a malformed or impossible request."""

    def __init__(
        self,
        message: str,
        param: str | None = None,
        *,
        status: int = 400,
        code: str | None = None,
        kind: str = "invalid_request_error",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error = {"type": kind, "message": message, "param": param, "code": code}


def tree(fields: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """`a[b][0][c]=v` as nested dictionaries and lists."""
    root: dict[str, Any] = {}
    for name, value in fields:
        parts = re.findall(r"[^\[\]]+", name)
        if not parts:
            raise InvalidRequest(f"Invalid parameter name: {name}", name)
        branch = root
        for part in parts[:-1]:
            branch = branch.setdefault(part, {})
            if not isinstance(branch, dict):
                raise InvalidRequest(f"Invalid {part}", name)
        if name.endswith("[]"):
            branch = branch.setdefault(parts[-1], {})
            branch[str(len(branch))] = value
        else:
            branch[parts[-1]] = value
    result: dict[str, Any] = {key: _with_lists(value) for key, value in root.items()}
    return result


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {key: _with_lists(item) for key, item in value.items()}
    if inner and all(key.isdigit() for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner


def read(fields: Iterable[tuple[str, str]], kind: type) -> dict[str, Any]:
    """The parameters of one request with their types, or InvalidRequest."""
    result: dict[str, Any] = _typed(tree(fields), kind, "", options=False)
    return result


@cache
def _hints(kind: type) -> dict[str, Any]:
    module = vars(sys.modules[kind.__module__])
    names = {**vars(typing), **vars(typing_extensions), "StripeContext": str, **module}
    return typing.get_type_hints(kind, globalns=names)


def _typed(value: Any, kind: Any, path: str, *, options: bool = True) -> Any:
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.NotRequired, typing.Required, typing.Annotated):
        return _typed(value, inner[0], path)
    if origin in (typing.Union, types.UnionType):
        return _any_of(value, inner, path)
    if origin is typing.Literal:
        if value not in inner:
            choices = ", ".join(str(choice) for choice in inner)
            raise InvalidRequest(f"Invalid {path}: must be one of {choices}", path)
        return value
    if typing_extensions.is_typeddict(kind):
        return _record(value, kind, path, options=options)
    if origin is list:
        return _list(value, inner[0], path)
    if origin is dict or origin is stripe._stripe_object.UntypedStripeObject:
        if not isinstance(value, dict):
            raise InvalidRequest(f"Invalid object: {path}", path)
        return {key: _typed(item, inner[-1], f"{path}[{key}]") for key, item in value.items()}
    return _plain(value, kind, path)


def _any_of(value: Any, kinds: tuple[Any, ...], path: str) -> Any:
    literals = [kind for kind in kinds if typing.get_origin(kind) is typing.Literal]
    if literals and not isinstance(value, _TREES):
        # The SDK writes "these words | str", open for words to come; Stripe itself is strict.
        words = tuple(word for kind in literals for word in typing.get_args(kind))
        others = [kind for kind in kinds if kind not in literals and kind not in (str, type(None))]
        if value in words:
            return value
        if not others or str in kinds:
            choices = ", ".join(str(word) for word in words)
            raise InvalidRequest(f"Invalid {path}: must be one of {choices}", path)
        kinds = tuple(others)
    refusal: InvalidRequest | None = None
    # A record says more about what is wrong in it than a plain value does.
    for kind in sorted(kinds, key=lambda kind: not typing_extensions.is_typeddict(kind)):
        if kind is type(None):
            continue
        try:
            return _typed(value, kind, path)
        except InvalidRequest as error:
            refusal = refusal or error
    raise refusal or InvalidRequest(f"Invalid {path}", path)


def _record(value: Any, kind: type, path: str, *, options: bool) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidRequest(f"Invalid object: {path}", path)
    hints = {name: hint for name, hint in _hints(kind).items() if options or name not in _OPTIONS}
    result = {}
    for name, item in value.items():
        inside = f"{path}[{name}]" if path else name
        if name not in hints:
            raise InvalidRequest(
                f"Received unknown parameter: {inside}", inside, code="parameter_unknown"
            )
        result[name] = _typed(item, hints[name], inside)
    for name in getattr(kind, "__required_keys__", ()):
        if name in hints and name not in result:
            inside = f"{path}[{name}]" if path else name
            raise InvalidRequest(
                f"Missing required param: {inside}.", inside, code="parameter_missing"
            )
    return result


def _list(value: Any, kind: Any, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise InvalidRequest(f"Invalid array: {path}", path)
    return [_typed(item, kind, f"{path}[{number}]") for number, item in enumerate(value)]


def _plain(value: Any, kind: Any, path: str) -> Any:
    if isinstance(value, _TREES):
        raise InvalidRequest(f"Invalid {path}", path)
    if kind is bool:
        if value not in ("true", "false"):
            raise InvalidRequest(f"Invalid boolean: {value}", path)
        return value == "true"
    if kind is int:
        if not re.fullmatch(r"-?\d{1,12}", value):
            raise InvalidRequest(
                f"Invalid integer: {value}", path, code="parameter_invalid_integer"
            )
        return int(value)
    return value
