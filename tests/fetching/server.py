"""A web server for tests, in a thread: what it serves, how slowly, and what it was asked."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LOOPBACK = (ip_network("127.0.0.0/8"),)
"""What a test allows so that its own server may be asked."""

Handler = BaseHTTPRequestHandler


@dataclass
class WebServer:
    """answer: of all requests, to be replaced by the test. asked: path and headers of each, in order."""

    url: str
    port: int
    answer: Callable[[Handler], None]
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)


@contextmanager
def web_server(answer: Callable[[Handler], None], chain: Path | None = None) -> Iterator[WebServer]:
    """chain: certificate and key; with them it speaks HTTPS."""

    class Asked(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append((self.path, dict(self.headers)))
            try:
                served.answer(self)
            except OSError:  # the client has gone, as some tests want
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Asked)
    server.daemon_threads = True
    if chain is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    served = WebServer(
        f"http{'s' if chain else ''}://127.0.0.1:{server.server_port}", server.server_port, answer
    )
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()


def file(
    content: bytes, *, etag: str = '"one"', ranges: bool = True, break_at: int | None = None, **headers: str
) -> Callable[[Handler], None]:
    """An answer that gives the file, from where it was asked for. break_at: hangs up after so many of its bytes."""

    def answer(request: Handler) -> None:
        asked, start = request.headers.get("Range", ""), 0
        if ranges and asked and request.headers.get("If-Range", etag) == etag:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            request.send_response(206)
            request.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        else:
            request.send_response(200)
        if etag:
            request.send_header("ETag", etag)
        request.send_header("Content-Length", str(len(content) - start))
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(content[start:break_at])
        if break_at is not None:
            request.close_connection = True

    return answer


def redirect(to: str, status: int = 302) -> Callable[[Handler], None]:
    def answer(request: Handler) -> None:
        request.send_response(status)
        request.send_header("Location", to)
        request.end_headers()

    return answer


def certificate(name: str, path: Path) -> Path:
    """A self-signed certificate for that host with its key, written to the path."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path
