"""The rules of the house that a machine can hold."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from jinja2 import nodes

import conference
from conference.core.permissions import POLICY, Permission
from conference.extensions import db
from conference.web.access import UnguardedRoute, check_routes

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "conference").rglob("*.py"))
TEMPLATES = sorted(p for p in (ROOT / "templates").rglob("*") if p.suffix in {".html", ".txt"})
LINES_AT_MOST = 400


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_a_route_without_access_rule_keeps_the_application_from_starting(whole_app):
    from flask import Flask

    bare = Flask("bare")
    bare.add_url_rule("/open-door", "open_door", lambda: "hello")
    bare.view_functions["static"].access = None
    with pytest.raises(UnguardedRoute, match="open_door"):
        check_routes(bare)


def test_addresses_are_kebab_case(whole_app):
    fixed = [re.sub(r"<[^>]+>", "x", rule.rule) for rule in whole_app.url_map.iter_rules()]
    odd = [rule for rule in fixed if not re.fullmatch(r"(/[a-z0-9.-]*)+", rule)]
    assert odd == []


def test_endpoints_are_named_after_their_feature(whole_app):
    folders = {p.name for p in (ROOT / "conference").iterdir() if p.is_dir()}
    edge = {"health", "languages", "site", "security", "style_guide"}
    odd = {
        rule.endpoint
        for rule in whole_app.url_map.iter_rules()
        if rule.endpoint.split(".")[0].split("_")[0] not in folders | edge
    }
    assert odd == set()


def test_every_permission_has_a_row_in_the_policy():
    assert set(POLICY) == set(Permission)


def _state_modules() -> list[Any]:
    names = [
        module.name
        for module in pkgutil.walk_packages(conference.__path__, "conference.")
        if module.name.endswith(".states") and module.name != "conference.core.states"
    ]
    return [importlib.import_module(name) for name in names]


def test_every_state_has_a_row_of_transitions():
    assert _state_modules()
    for module in _state_modules():
        kinds = [
            kind
            for kind in vars(module).values()
            if isinstance(kind, type) and issubclass(kind, StrEnum) and kind is not StrEnum
        ]
        tables = [t for n, t in vars(module).items() if n.endswith("TRANSITIONS")]
        for kind in kinds:
            assert any(set(table) == set(kind) for table in tables), kind


def test_every_state_has_a_name_for_people():
    for module in _state_modules():
        names: dict[Any, str] = {}
        for key, table in vars(module).items():
            if key.endswith("STATE_NAMES"):
                names |= table
        tables = [t for n, t in vars(module).items() if n.endswith("TRANSITIONS")]
        assert {state for table in tables for state in table} <= set(names), module.__name__


def test_state_is_assigned_in_one_place():
    found = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
            if isinstance(node, ast.Assign | ast.AugAssign) and any(
                isinstance(t, ast.Attribute) and t.attr == "state" for t in targets
            ):
                found.append(f"{_name(path)}:{node.lineno}")
    assert [place.split(":")[0] for place in found] == ["conference/core/states.py"]


def test_only_the_clock_reads_the_time():
    pattern = re.compile(r"datetime\.(now|utcnow|today)\(|date\.today\(|time\.time\(")
    odd = [_name(p) for p in SOURCES if pattern.search(p.read_text())]
    assert odd == ["conference/core/clock.py"]


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_module_says_in_its_first_line_what_it_owns(path):
    tree = ast.parse(path.read_text())
    empty = path.name == "__init__.py" and not tree.body
    assert empty or ast.get_docstring(tree)


@pytest.mark.parametrize("path", [*SOURCES, *TEMPLATES], ids=_name)
def test_file_can_be_read_at_one_sitting(path):
    assert len(path.read_text().splitlines()) <= LINES_AT_MOST


def _queued_mails() -> set[str]:
    """The names in `outbox.queue("…")`, and in calls of helpers that hand a name on."""
    tree = ast.parse((ROOT / "conference" / "emails.py").read_text())
    helpers = {
        function.name
        for function in tree.body
        if isinstance(function, ast.FunctionDef)
        and function.args.args
        and function.args.args[0].arg == "name"
    }
    return {
        call.args[0].value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and getattr(call.func, "attr", getattr(call.func, "id", "")) in helpers | {"queue"}
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }


def test_every_mail_has_text_and_html_and_every_template_a_mail():
    folder = ROOT / "templates" / "emails"
    names = {p.stem for p in folder.iterdir() if not p.name.startswith("_")}
    assert names == _queued_mails()
    for name in names:
        assert (folder / f"{name}.txt").read_text().startswith("Subject: "), name
        assert (folder / f"{name}.html").exists(), name


PERSONAL = re.compile(
    r"(^|_)(name|email|phone|address|country|password|diet|accessibility|answers|biography|note|"
    r"reason|iban|tax_id|browser|search_key|sort_key|to|subject|actor|orcid|languages|locale|values)$"
)


def test_every_column_that_sounds_personal_says_why_how_long_and_how_it_is_erased(whole_app):
    silent = [
        f"{table.name}.{column.name}"
        for table in db.metadata.tables.values()
        for column in table.columns
        if PERSONAL.search(column.name) and "personal" not in column.info
    ]
    assert silent == []


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_template_parses_and_holds_no_inline_code(path, whole_app):
    source = path.read_text()
    tree = whole_app.jinja_env.parse(source)
    assert isinstance(tree, nodes.Template)
    if path.parent.name != "emails":
        assert not re.search(r"<script(?![^>]*\bsrc=)", source)
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|javascript:", source)


def test_nobody_populates_objects_from_forms():
    assert [_name(p) for p in SOURCES if "populate_obj" in p.read_text()] == []
