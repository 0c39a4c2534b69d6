"""Whom a request is addressed to and where it comes from: names and addresses that are believed."""

import ipaddress
import re
from urllib.parse import urlsplit

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

from matchmaker.config import Settings

#: Probes on the machine itself ask by these names, whatever the site is called.
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")


def register(app: Flask, settings: Settings) -> None:
    """Refuse other names than the site's own; believe as many proxies as stand in front."""
    if settings.trusted_proxies:
        # The name always comes from Host itself: whoever asks may write X-Forwarded-Host.
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies,
            x_host=0,
        )  # fmt: skip
    allowed = allowed_names(settings.base_url)

    @app.before_request
    def _is_ours() -> Response | None:
        name = name_of(request.environ.get("HTTP_HOST", ""))
        if name and (allowed is None or name in allowed):
            return None
        # Nothing of the page around it: its links would be built from the name just refused.
        return Response("This site has another name.\n", status=400, mimetype="text/plain")


def allowed_names(base_url: str) -> frozenset[str] | None:
    """Host names that are answered to; None: any, where the site has no name of its own yet."""
    own = name_of(urlsplit(base_url).netloc)
    return None if own in _LOOPBACK else _LOOPBACK | {own}


def name_of(host: str) -> str:
    """The name in a Host header, without its port; "" for what is none."""
    found = _HOST.fullmatch(host.strip())
    return found[1].lower() if found else ""


def comes_from(address: str | None, settings: Settings) -> bool:
    """Whether an address may read the figures for machines that watch."""
    try:
        asking = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    if isinstance(asking, ipaddress.IPv6Address) and asking.ipv4_mapped:
        asking = asking.ipv4_mapped
    return any(asking in network for network in settings.metrics_networks)
