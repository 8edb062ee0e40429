"""Every link and every form of every page leads somewhere, and takes the day, the entry and the language along."""

import re
import shutil
from collections import deque
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from terrafirma.config import Settings
from terrafirma.factory import create_app
from tests.conftest import close_app

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
START = (
    "/explore",
    "/explore?region=Asia&fields=capital,area&colour=population&sort=-area",
    "/explore?colour=member_of.EU",
    "/explore/TH",
    "/explore/GB",
    "/explore/DDDE",
    "/explore/compare?alpha2=TH&alpha2=FR",
    "/explore/scatter?x=area&y=gini",
    "/explore/search?q=united",
    "/explore/list/groups/EU",
    "/explore/list/currencies/EUR",
    "/explore/list/languages/de",
    "/explore/list/regions/142",
    "/explore/list/subdivisions/GB-LND",
    "/explore/list/memberships?country=DE",
    "/explore/changes?all=yes",
    "/explore/since?since=2020-01-01",
)
STATES = {
    "today": "",
    "a past day": "on=2003-12-31",
    "an entry": "as_of={last}",
    "a language": "lang=de",
    "all of them": "on=2010-01-01&lang=ar",
}
UNSTATED = (
    "/names",
    "/edit",
    "/new",
    "/revert",
    "/since",
    "/docs",
    "/static/",
    "/flags/",
    ".atom",
    "/login",
    "/about",
)
"""Parts of addresses of what says the same on every day."""
EACH = 1
"""Addresses of one pattern that are followed."""
MOST = 90


@pytest.fixture(scope="module")
def client(world_file, tmp_path_factory):
    folder = tmp_path_factory.mktemp("links")
    shutil.copyfile(world_file, folder / "register.sqlite")
    url = f"sqlite:///{(folder / 'register.sqlite').as_posix()}"
    app = create_app(Settings(data=folder, database_url=url, log="none"))
    yield app.test_client()
    close_app(app)


class Page(HTMLParser):
    """The links and forms of a page."""

    def __init__(self, text):
        super().__init__()
        self.links, self.forms = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag in ("a", "link") and values.get("href"):
            self.links.append(values["href"])
        elif tag == "form":
            # Forms without an address are their scripts'.
            asks = values.get("method", "get") == "get" and "action" in values
            self.forms.append((values["action"] if asks else "", []))
        elif tag in ("input", "select") and self.forms and is_sent(values):
            self.forms[-1][1].append((values["name"], values.get("value") or ""))

    def list_addresses(self):
        sent = [f"{action}?{urlencode(fields)}" for action, fields in self.forms if action]
        return [link for link in self.links if link.startswith("/")] + sent


def is_sent(values):
    """Whether a browser sends a field of a form as it stands."""
    return values.get("name") and (values.get("type") != "checkbox" or "checked" in values)


def pattern_of(address):
    """What addresses have in common that differ in codes and values only."""
    path, query = urlsplit(address).path, urlsplit(address).query
    path = re.sub(r"(?<=/)(?:[A-Z]{2,4}(?:-\w+)?|\d+|[a-z]{2,3}|[A-Z][\w%-]*)(?=/|$)", "*", path)
    return path, tuple(sorted(parse_qs(query, keep_blank_values=True)))


def crawl(client, state):
    """Follow every kind of link from the pages to begin with; what fails, and what loses the state."""
    asked = parse_qs(state)
    queue = deque(
        (f"{path}{'&' if '?' in path else '?'}{state}" if state else path, "start")
        for path in START
    )
    seen, faults, patterns = set(), [], {}
    while queue and len(seen) < MOST:
        address, origin = queue.popleft()
        address = address.partition("#")[0]
        pattern = pattern_of(address)
        if address in seen or patterns.get(pattern, 0) >= EACH:
            continue
        seen.add(address)
        patterns[pattern] = patterns.get(pattern, 0) + 1
        answer = client.get(address, headers=BROWSER, follow_redirects=True)
        if answer.status_code != 200:
            faults.append((answer.status_code, address, origin))
        elif answer.mimetype == "text/html" and carries(address, asked):
            links = Page(answer.text).list_addresses()
            faults += [("lost", link, address) for link in links if loses(link, address, asked)]
            queue.extend((link, address) for link in links)
    return faults, seen


def carries(address, asked):
    """Whether an address is a page's and has everything that was chosen."""
    given = parse_qs(urlsplit(address).query)
    return address.startswith("/explore") and all(given.get(name) == asked[name] for name in asked)


def loses(link, address, asked):
    """Whether a link forgets what was chosen; links to the page itself are there to choose otherwise."""
    path = urlsplit(link).path
    stated = path.startswith(("/explore", "/countries")) and not any(
        part in path for part in UNSTATED
    )
    return (
        stated
        and path != urlsplit(address).path
        and not carries(link.replace("/countries", "/explore"), asked)
    )


@pytest.mark.parametrize(
    "state",
    [
        pytest.param(each, id=name, marks=[pytest.mark.slow] if each else [])
        for name, each in STATES.items()
    ],
)
def test_every_link_and_form_answers_and_keeps_the_state(client, state):
    last = client.get("/").json["entries"]
    faults, seen = crawl(client, state.format(last=last))
    assert not faults, "\n".join(map(str, faults[:20]))
    assert len(seen) > 60
