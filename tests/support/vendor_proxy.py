# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy on loopback that stands for vendors whose addresses cannot be configured: TLS, under the test's own CA.

Modules reach it by ``https_proxy`` and trust it by ``SSL_CERT_FILE``, as in a company with a proxy that looks inside.
"""

from __future__ import annotations

import datetime
import io
import ssl
import threading
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from http_receiver import Receivers, handler


class VendorProxy:
    """Use it as a context manager; ``environment`` is what a process needs to be sent here."""

    def __init__(self, receivers: Receivers, folder: Path) -> None:
        authority = folder / "ca.pem"
        context = server_context(receivers.vendors, folder, authority)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _connect(receivers, context))
        self._server.daemon_threads = True
        self._authority = authority

    @property
    def environment(self) -> dict[str, str]:
        proxy = f"http://127.0.0.1:{self._server.server_address[1]}"
        return {"https_proxy": proxy, "no_proxy": "127.0.0.1,localhost", "SSL_CERT_FILE": str(self._authority)}

    def __enter__(self) -> VendorProxy:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _connect(receivers: Receivers, context: ssl.SSLContext) -> type[BaseHTTPRequestHandler]:
    class Proxy(BaseHTTPRequestHandler):
        timeout = 20

        def do_CONNECT(self) -> None:
            host = self.path.partition(":")[0]
            if host not in receivers.vendors:
                receivers.complaints.append(f"a connection to {self.path}")
                self.send_error(403)
                return
            self.send_response(200)
            self.end_headers()
            with context.wrap_socket(self.connection, server_side=True) as tunnel:
                _Inner(tunnel, host, receivers)
            self.close_connection = True

        def log_message(self, *_arguments: Any) -> None:
            """Nothing on the terminal."""

    return Proxy


class _Inner:
    """One request inside a tunnel, answered by the handler of the vendor."""

    def __init__(self, tunnel: ssl.SSLSocket, host: str, receivers: Receivers) -> None:
        kind = handler(receivers, host)

        class Once(kind):  # type: ignore[misc, valid-type]
            def finish(self) -> None:
                if not self.wfile.closed:
                    self.wfile.flush()

        try:
            Once(tunnel, ("127.0.0.1", 0), None)
        except (OSError, io.UnsupportedOperation) as error:
            receivers.complaints.append(f"{host}: {error!r}")


def server_context(hosts: Iterable[str], folder: Path, authority: Path) -> ssl.SSLContext:
    """Make a certificate for these hosts, and the authority that speaks for it; the key lies in the folder."""
    now = datetime.datetime.now(datetime.UTC)
    ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _unused in range(2))
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A CA of the tests")])

    def certificate(subject: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(ca_name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=1))
        )

    ca = (
        certificate(ca_name, ca_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(ca_key, hashes.SHA256())
    )
    leaf = (
        certificate(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "vendors")]), key.public_key())
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    authority.write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    pair = folder / "vendors.pem"
    pair.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + leaf.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair)
    return context
