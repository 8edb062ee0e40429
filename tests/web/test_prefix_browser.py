"""The server below a path, /geo, behind a real nginx: pages, scripts, redirects and the API find each other."""

import shutil
import socket
import subprocess
import threading

import pytest
from playwright.sync_api import expect

from terrafirma.config import Settings
from terrafirma.factory import create_app
from tests.conftest import close_app, serve_app
from tests.web.conftest import DESK

SITE = """
pid {folder}/nginx.pid; error_log {folder}/error.log; daemon off;
events {{}}
http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port};
    location /geo/ {{ proxy_pass http://127.0.0.1:{behind}{stripped}; proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-Prefix /geo; proxy_set_header X-Forwarded-For $remote_addr; }} }} }}
"""


def find_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture(params=["/", ""], ids=["stripped", "kept"], scope="module")
def address(request, world_file, tmp_path_factory):
    """Where nginx serves the app below /geo: with the path stripped or kept on the way to it."""
    nginx = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if nginx is None:
        pytest.skip("nginx is not installed")
    folder = tmp_path_factory.mktemp("geo")
    shutil.copyfile(world_file, folder / "register.sqlite")
    url = f"sqlite:///{(folder / 'register.sqlite').as_posix()}"
    app = create_app(Settings(data=folder, database_url=url, log="none", proxies="127.0.0.1"))
    port = find_port()
    with serve_app(app) as address:
        behind = address.rpartition(":")[2]
        site = SITE.format(folder=folder, port=port, behind=behind, stripped=request.param)
        (folder / "nginx.conf").write_text(site)
        with subprocess.Popen([nginx, "-c", folder / "nginx.conf", "-p", folder]) as process:
            wait_for(port)
            yield f"http://127.0.0.1:{port}"
            process.terminate()
    close_app(app)


def wait_for(port):
    for _ in range(200):
        with socket.socket() as client:
            client.settimeout(0.1)
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        threading.Event().wait(0.05)


def test_every_address_stays_below_the_path(browser, address):
    context = browser.new_context(viewport=DESK)
    page = context.new_page()
    outside, failed = [], []
    page.on(
        "request", lambda sent: None if f"{address}/geo/" in sent.url else outside.append(sent.url)
    )
    page.on("response", lambda got: failed.append(got.url) if got.status >= 400 else None)
    page.goto(f"{address}/geo/")
    page.wait_for_url("**/geo/explore")
    expect(page.locator("#who")).not_to_be_empty()
    page.locator("#find").fill("vaud")
    page.locator("#hits [role=option]").first.click()
    page.wait_for_url("**/geo/explore/list/subdivisions/CH-VD")
    for path in (
        "/explore/TH",
        "/explore/changes",
        "/explore/admin/jobs",
        "/docs",
        "/explore/desk/sign-in",
    ):
        page.goto(f"{address}/geo{path}")
        page.wait_for_load_state("networkidle")
        links = page.eval_on_selector_all(
            "a[href]",
            "links => links.map(link => new URL(link.getAttribute('href'), location.href).href)",
        )
        own = [link for link in links if link.startswith(address)]
        assert own
        assert all(link.startswith(f"{address}/geo/") for link in own), path
    api = page.request
    assert (
        api.get(f"{address}/geo/countries?limit=2").headers["link"].startswith("</geo/countries?")
    )
    assert api.get(f"{address}/geo/openapi.json").json()["servers"] == [{"url": "/geo"}]
    assert not outside
    assert not [url for url in failed if not url.endswith("/me")]
    context.close()
