"""Markdown of people to HTML that is safe on our pages: cleaned once, when it is written."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

TAGS = {
    "a", "abbr", "b", "blockquote", "br", "code", "del", "em", "h3", "h4", "hr", "i", "li", "ol",
    "p", "pre", "s", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}, "abbr": {"title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto", "tel"}
# The page has its own h1 and h2; headings of a text stand below them.
_LOWER = {"h1": "h3", "h2": "h3", "h3": "h4", "h4": "h4", "h5": "h4", "h6": "h4"}


@cache
def _parser() -> Any:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "breaks": True})
    parser.enable(["table", "strikethrough"])
    parser.disable("image")
    return parser


@cache
def _cleaner() -> Any:
    import nh3

    return nh3.Cleaner(
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener nofollow",
        strip_comments=True,
    )


def to_html(text: str) -> str:
    """HTML of an allow-list: no pictures, no scripts, no styles; tables and links survive."""
    if not text.strip():
        return ""
    parser = _parser()
    tokens = parser.parse(text)
    for token in tokens:
        token.tag = _LOWER.get(token.tag, token.tag)
    cleaned: str = _cleaner().clean(parser.renderer.render(tokens, parser.options, {}))
    return cleaned.strip()


def both(texts: Mapping[str, str]) -> dict[str, str]:
    """The same for a text in two languages; a language without text stays without."""
    made = {language: to_html(text) for language, text in texts.items()}
    return {language: html for language, html in made.items() if html}
