"""组件: the parts pages are made of. `ui:gallery` shows each of them with its code."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import segno
from django import template
from django.conf import settings
from django.middleware.csrf import get_token
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.dateparse import parse_date, parse_datetime, parse_time
from django.utils.formats import get_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from .. import icons
from ..looks import TONES, look_of
from ..preferences import elder, frame_class
from ..shortcuts import forbidden

register = template.Library()


# --- small ones ------------------------------------------------------------------------------------------------
@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """An icon of the sprite. Give a `label` only where no word stands beside it. `size`: sm, lg or xl."""
    if name not in icons.names():
        if forbidden():
            raise icons.UnknownIcon(f"{name!r} is not in frontend/icons.txt")
        name = "point"
    told = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    extra = f" gj-icon-{size}" if size else ""
    address = static("ui/icons.svg")
    return format_html('<svg class="icon gj-icon{}" {}><use href="{}#{}"></use></svg>', extra, told, address, name)


@register.simple_tag
def badge(state: Any, looks: Mapping | None = None, label: str = "") -> SafeString:
    """A state as icon and word on a tint. `state`: a known word, a `Look`, or a key of `looks`."""
    if state in (None, ""):
        return mark_safe("")
    look = look_of(state, looks)
    tone = look.tone if look.tone in TONES else "quiet"
    return format_html(
        '<span class="gj-badge gj-{}">{}<span>{}</span></span>', tone, icon(look.icon), label or look.word
    )


@register.simple_tag
def progress(done: int | float, total: int | float, label: str = "", tone: str = "") -> SafeString:
    """How much of a number is done, as a bar and in figures; more than all is shown as all, in figures as it is."""
    done, total = done or 0, total or 0
    share = round(100 * done / total) if total else 0
    tone = tone if tone in TONES else ("good" if total and done >= total else "info")
    return format_html(
        '<span class="gj-progress gj-{}">{}<progress max="{}" value="{}" aria-label="{}"></progress>'
        '<span class="gj-num">{}<span class="gj-of"> / {}</span></span></span>',
        tone,
        format_html('<span class="gj-progress-label">{}</span>', label) if label else "",
        max(total, 1),
        min(done, max(total, 1)),
        label or f"{share}%",
        done,
        total,
    )


@register.simple_tag
def qr(text: str, label: str = "", size: int = 240) -> SafeString:
    """A text as a QR code drawn inline (error correction M, quiet zone as the standard wants)."""
    code = segno.make(str(text), error="m", micro=False)
    svg = code.svg_inline(border=4, omitsize=True, svgclass="gj-qr-code", lineclass=None, dark="#1f1b18", light="#fff")
    return format_html(
        '<span class="gj-qr" role="img" aria-label="{}" data-size="{}">{}</span>', label or text, size, mark_safe(svg)
    )


@register.simple_tag
def masked(person: Any, field: str) -> SafeString:
    """A protected field of a person as it may stand on a page: what `<field>_masked` of the object says."""
    value = getattr(person, f"{field}_masked", "")
    value = value() if callable(value) else value
    return format_html('<span class="gj-masked">{}{}</span>', value or "—", icon("eye-off", "sm") if value else "")


@register.filter
def dash(value: Any) -> Any:
    """A long dash where there is nothing to show."""
    return "—" if value in (None, "") else value


@register.filter
def native_date(value: Any, kind: str = "date") -> Any:
    """What a date, time or datetime widget holds, in the form that the browser's own input understands."""
    if value in (None, ""):
        return value
    text = str(value)
    read = {"date": parse_date, "time": parse_time, "datetime": parse_datetime}[kind]
    try:
        if read(text.replace(" ", "T", 1)):
            found = read(text.replace(" ", "T", 1))
            return _native(found, kind)
    except ValueError:
        return value
    from_formats = {"date": "DATE_INPUT_FORMATS", "time": "TIME_INPUT_FORMATS", "datetime": "DATETIME_INPUT_FORMATS"}
    for form in get_format(from_formats[kind]):
        try:
            return _native(datetime.strptime(text, form), kind)
        except ValueError:
            continue
    return value


def _native(found: Any, kind: str) -> str:
    return found.strftime({"date": "%Y-%m-%d", "time": "%H:%M", "datetime": "%Y-%m-%dT%H:%M"}[kind])


@register.simple_tag(takes_context=True)
def link_to(context: template.Context, name: str, *args: Any) -> str:
    """The address of a url name, or "" where that room is not built in: for frames that every page shares."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


# --- blocks ----------------------------------------------------------------------------------------------------
@register.simple_block_tag(end_name="endcard")
def card(
    content: str,
    title: str = "",
    icon: str = "",
    hint: str = "",
    href: str = "",
    more: str = "",
    flush: bool = False,
    tone: str = "",
    id: str = "",
) -> SafeString:
    """A surface with a title. `href` with `more` puts a link at its head; `flush` leaves no inner margin (tables)."""
    return _draw(
        "card",
        content=content,
        title=title,
        icon_name=icon,
        hint=hint,
        href=href,
        more=more,
        flush=flush,
        tone=tone,
        id=id,
    )


@register.simple_block_tag(end_name="endempty")
def empty(content: str, title: str = "", hint: str = "", icon: str = "mood-empty") -> SafeString:
    """Nothing here yet: says so and what to do next; the block holds the buttons."""
    return _draw("empty", content=mark_safe(content.strip()), title=title, hint=hint, icon_name=icon)


@register.simple_block_tag(end_name="endalert")
def alert(content: str, tone: str = "info", title: str = "", icon: str = "") -> SafeString:
    """A notice inside a page. `tone`: good, info, warn or bad."""
    usual = {"good": "circle-check", "warn": "alert-triangle", "bad": "alert-circle"}.get(tone, "info-circle")
    return _draw("alert", content=content, tone=tone, title=title, icon_name=icon or usual)


@register.simple_block_tag(end_name="endstatrow")
def statrow(content: str) -> SafeString:
    """A row of stat boxes that breaks into two columns on a phone."""
    return format_html('<div class="gj-statrow">{}</div>', content)


def _draw(part: str, **context: Any) -> SafeString:
    return template.loader.get_template(f"ui/parts/{part}.html").render(context)


# --- parts -----------------------------------------------------------------------------------------------------
@register.inclusion_tag("ui/parts/statbox.html")
def statbox(
    label: str,
    value: Any,
    href: str = "",
    hint: str = "",
    icon: str = "",
    tone: str = "",
    unit: str = "",
    trend: str = "",
) -> dict:
    """A figure with its name. `trend`: up, down or flat (drawn as an arrow beside `hint`)."""
    arrows = {"up": "trending-up", "down": "trending-down", "flat": "minus"}
    if isinstance(value, int) and not isinstance(value, bool):
        value = f"{value:,}"
    return {
        "label": label,
        "value": value,
        "href": href,
        "hint": hint,
        "icon_name": icon,
        "tone": tone,
        "unit": unit,
        "arrow": arrows.get(trend, ""),
    }


@register.inclusion_tag("ui/parts/listing.html", takes_context=True)
def listing(context: template.Context, listing: Any) -> dict:
    """A `Listing`: search, filters, table (cards on a phone), pager and exports."""
    return {"listing": listing, "request": context.get("request")}


@register.inclusion_tag("ui/parts/pager.html")
def pager(listing: Any) -> dict:
    """Forwards and backwards through a `Listing`, with its count."""
    return {"listing": listing, "count": f"{listing.count:,}"}


@register.inclusion_tag("ui/parts/chips.html")
def chips(items: Iterable[Mapping], clear: str = "") -> dict:
    """What narrows a list: [{label, text, url}], each taken away by its own link; `clear` takes away all."""
    return {"items": list(items), "clear": clear}


@register.inclusion_tag("ui/parts/datatable.html")
def datatable(columns: Iterable, rows: Iterable[Iterable], caption: str = "", numbers: str = "") -> dict:
    """A plain small table: titles and rows of values. `numbers`: the columns (from 1) that hold figures, "2,3"."""
    right = {int(part) - 1 for part in numbers.split(",") if part.strip().isdigit()}
    titles = [{"title": title, "number": at in right} for at, title in enumerate(columns)]
    body = [
        [{"value": value, "number": at in right, "title": titles[at]["title"]} for at, value in enumerate(row)]
        for row in rows
    ]
    return {"titles": titles, "body": body, "caption": caption}


@register.inclusion_tag("ui/parts/timeline.html")
def timeline(entries: Iterable[Mapping]) -> dict:
    """What happened, newest first: [{at, title, text, who, icon, tone, url}]."""
    return {"entries": list(entries)}


@register.inclusion_tag("ui/parts/formfields.html")
def formfields(form: Any, only: str = "") -> dict:
    """The fields of a form (or those named in `only`, "name,code") with an error summary above."""
    names = [name.strip() for name in only.split(",") if name.strip()] or list(form.fields)
    fields = [form[name] for name in names]
    return {
        "form": form,
        "hidden": [field for field in fields if field.is_hidden],
        "fields": [field for field in fields if not field.is_hidden],
        "general": form.non_field_errors(),
        "wrong": [field for field in fields if field.errors],
    }


@register.inclusion_tag("ui/parts/confirm_button.html", takes_context=True)
def confirm_button(
    context: template.Context,
    url: str,
    label: str,
    title: str = "",
    text: str = "",
    tone: str = "",
    icon: str = "",
    fields: Mapping | None = None,
    confirm: str = "",
    size: str = "",
) -> dict:
    """A deed behind a question: a POST form with CSRF. Without JavaScript the question unfolds below the button."""
    request = context.get("request")
    return {
        "url": url,
        "label": label,
        "title": title,
        "text": text,
        "tone": tone,
        "icon_name": icon,
        "fields": (fields or {}).items(),
        "confirm": confirm or label,
        "size": size,
        "csrf_token": get_token(request) if request is not None else "",
    }


@register.inclusion_tag("ui/parts/steps.html")
def steps(states: Iterable, current: Any) -> dict:
    """Where something stands: [(key, word)] or words in order; those before `current` are done."""
    pairs = [(str(part[0]), part[1]) if isinstance(part, (tuple, list)) else (str(part), part) for part in states]
    keys = [key for key, _word in pairs]
    at = keys.index(str(current)) if str(current) in keys else -1
    return {
        "steps": [
            {"word": word, "done": n < at, "current": n == at, "number": n + 1} for n, (_key, word) in enumerate(pairs)
        ]
    }


@register.inclusion_tag("ui/parts/breadcrumbs.html")
def breadcrumbs(items: Iterable) -> dict:
    """The way to here: [(label, url)], the last without address."""
    return {
        "items": [
            {"label": item[0], "url": item[1]} if isinstance(item, (tuple, list)) else {"label": item, "url": ""}
            for item in items
        ]
    }


@register.inclusion_tag("ui/parts/orgpath.html")
def orgpath(ancestors: Iterable, url_name: str = "orgs:detail") -> dict:
    """Organisations from the city down to one, by short name, each a link where `url_name` is built in."""
    out = []
    for org in ancestors:
        try:
            url = reverse(url_name, args=[org.pk])
        except NoReverseMatch:
            url = ""
        out.append({"name": getattr(org, "short_name", "") or str(org), "full": getattr(org, "name", ""), "url": url})
    return {"orgs": out}


@register.inclusion_tag("ui/parts/deflist.html")
def deflist(items: Iterable, columns: int = 1) -> dict:
    """Names and values: [(name, value)] or a mapping; an empty value shows as a dash."""
    pairs = items.items() if isinstance(items, Mapping) else items
    return {"items": [(item[0], item[1]) for item in pairs], "columns": columns}


@register.inclusion_tag("ui/parts/tabs.html")
def tabs(items: Iterable, current: Any = "") -> dict:
    """Pages of one thing: [(key, label, url, count)], the count may be left out. Plain links, no hidden panels."""
    out = []
    for item in items:
        key, label, url, *count = item
        out.append(
            {"label": label, "url": url, "active": str(key) == str(current), "count": count[0] if count else None}
        )
    return {"tabs": out}


# --- frames ----------------------------------------------------------------------------------------------------
@register.simple_tag
def demo() -> bool:
    """Whether this is the demonstration city."""
    return bool(getattr(settings, "DEMO", False))


@register.simple_tag(takes_context=True)
def frame(context: template.Context) -> SafeString:
    """Attributes of <html>: language and the reader's preferences."""
    return format_html('lang="{}" class="{}"', get_language() or "zh-hans", frame_class(context.get("request")))


@register.simple_tag(takes_context=True)
def is_elder(context: template.Context) -> bool:
    """Whether the reader chose the elder version."""
    return elder(context.get("request"))


@register.simple_tag
def languages() -> list[tuple[str, str]]:
    """The languages that the pages can be read in."""
    return list(settings.LANGUAGES)


@register.simple_tag(takes_context=True)
def again(context: template.Context, name: str) -> str:
    """What the page put into a block, a second time: the title stands in the tab and above the page."""
    blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
    block = blocks.get_block(name) if blocks is not None else None
    return block.render(context) if block is not None else ""
