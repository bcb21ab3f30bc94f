"""A one-stop front end vouches for its officer (RFC 7523) and looks a citizen up in the officer's name.

    python examples/vouch.py http://127.0.0.1:8000 var/vouch-py.pem

Needs `pip install "pyjwt[crypto]"`. The key is made once and stays in the file, which only the front end may
read.
"""

import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jwt.algorithms import ECAlgorithm

BASE = sys.argv[1].rstrip("/") if len(sys.argv) > 1 else "http://127.0.0.1:8000"
KEY_FILE = Path(sys.argv[2] if len(sys.argv) > 2 else "var/vouch-py.pem")  # noqa: PLR2004 - the second argument
FRONT_END = "vouch-py"
SCOPES = [
    "cases:read",
    "cases:write",
    "cases:status",
    "verify:id-card",
    "verify:household-head",
    "citizens:share",
]
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def send(method: str, path: str, headers: dict[str, str], body: str | None = None) -> dict[str, Any]:
    """Send a request; end with what was refused and why."""
    content = None if body is None else body.encode()
    request = urllib.request.Request(BASE + path, content, headers, method=method)  # noqa: S310 - the user's own URL
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - as above
            found: dict[str, Any] = json.load(answer)
            return found
    except urllib.error.HTTPError as refusal:
        sys.exit(f"{method} {path}: {refusal.code} {refusal.read().decode()}")


def token_by(form: dict[str, str]) -> dict[str, str]:
    """Get a token, and return the headers of a request with it."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    token = send("POST", "/auth/token", headers, urllib.parse.urlencode(form))["access_token"]
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}


def private_key() -> ec.EllipticCurvePrivateKey:
    """Read the front end's key, or make it."""
    if not KEY_FILE.exists():
        KEY_FILE.parent.mkdir(parents=True, exist_ok=True)
        KEY_FILE.touch(mode=0o600)
        fresh = ec.generate_private_key(ec.SECP256R1())
        KEY_FILE.write_bytes(fresh.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    key = load_pem_private_key(KEY_FILE.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        sys.exit(f"{KEY_FILE} holds another kind of key")
    return key


def register(key: ec.EllipticCurvePrivateKey) -> None:
    """Register the public half: an administrator does this, once. Here it is the sandbox's."""
    admin = token_by({"grant_type": "password", "username": "admin", "password": "sandbox"})
    front_end = {
        "name": "Phần mềm một cửa (ví dụ)",
        "agency": "H24.15",
        "grants": [JWT_BEARER],
        "scopes": SCOPES,
        "jwks": [ECAlgorithm.to_jwk(key.public_key(), as_dict=True)],
    }
    send("PUT", f"/clients/{FRONT_END}", admin, json.dumps(front_end))


def vouch_for(username: str, key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    """Say that the officer is logged in here, and get a token for him. Each assertion serves once."""
    # What an assertion is for: the token endpoint as the service itself writes it.
    endpoint = send("GET", "/.well-known/oauth-authorization-server", {})["token_endpoint"]
    soon = int(time.time()) + 60
    claims = {"iss": FRONT_END, "sub": username, "aud": endpoint, "exp": soon, "jti": str(uuid4())}
    return token_by({"grant_type": JWT_BEARER, "assertion": jwt.encode(claims, key, algorithm="ES256")})


def main() -> None:
    """Register, vouch, look up."""
    key = private_key()
    register(key)
    officer = vouch_for("receiver", key)
    me = send("GET", "/me", officer)
    print("officer:", me["username"], "through", me["client_id"])
    claim = {"full_name": "NGUYỄN THỊ MINH NGỌC", "id_number": "100190000001", "birth_date": "1990-07-30"}
    card = send("POST", "/verify/id-card", officer, json.dumps({"procedure_code": "1.004194"} | claim))
    print("identity card:", card["result"])


if __name__ == "__main__":
    main()
