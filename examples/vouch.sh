#!/bin/sh
# A one-stop front end vouches for its officer (RFC 7523) and looks a citizen up in the officer's name.
#
#     sh examples/vouch.sh http://127.0.0.1:8000 var/vouch-sh.pem
#
# Needs curl and OpenSSL 3. The key is made once and stays in the file; only the front end may read it.
set -eu
BASE=${1:-http://127.0.0.1:8000}
KEY_FILE=${2:-var/vouch-sh.pem}
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

# Take the text member $1 out of the JSON on stdin; a real script would use jq.
member() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }
base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
# ask URL [curl's options...]: its answer is in $ANSWER; a refusal ends the script with what it says.
ask() {
  ANSWER=$(curl --silent --show-error --fail-with-body --max-time 20 "$@") || { echo "$ANSWER" >&2 && exit 1; }
}

# Once: a key (Ed25519, whose signatures OpenSSL writes as JWTs want them) and its public half as a JSON Web Key.
if [ ! -e "$KEY_FILE" ]; then
  mkdir -p "$(dirname "$KEY_FILE")"
  (umask 077 && openssl genpkey -algorithm ED25519 -out "$KEY_FILE")
fi
X=$(openssl pkey -in "$KEY_FILE" -pubout -outform DER | tail -c 32 | base64url)

# Once: an administrator registers it. Here it is the sandbox's.
ask "$BASE/auth/token" -d grant_type=password -d username=admin -d password=sandbox
ADMIN=$(echo "$ANSWER" | member access_token)
ask "$BASE/clients/vouch-sh" -X PUT -H "Authorization: Bearer $ADMIN" \
  -H "Content-Type: application/json" --data-binary @- <<JSON
{"name": "Phần mềm một cửa (ví dụ)", "agency": "H24.15",
 "grants": ["urn:ietf:params:oauth:grant-type:jwt-bearer"],
 "scopes": ["cases:read", "cases:write", "cases:status", "verify:id-card", "verify:household-head", "citizens:share"],
 "jwks": [{"kty": "OKP", "crv": "Ed25519", "x": "$X"}]}
JSON

# Each time: say that the officer is logged in here. It is for the token endpoint as the service itself writes it,
# for a minute, and serves once.
ask "$BASE/.well-known/oauth-authorization-server"
ENDPOINT=$(echo "$ANSWER" | member token_endpoint)
HEADER=$(printf '{"alg":"EdDSA"}' | base64url)
CLAIMS=$(printf '{"iss":"vouch-sh","sub":"receiver","aud":"%s","exp":%d,"jti":"%s"}' \
  "$ENDPOINT" "$(($(date +%s) + 60))" "$(openssl rand -hex 16)" | base64url)
# OpenSSL signs Ed25519 from a file only: it must know the length beforehand.
printf '%s.%s' "$HEADER" "$CLAIMS" > "$WORK/signed"
SIGNATURE=$(openssl pkeyutl -sign -rawin -inkey "$KEY_FILE" -in "$WORK/signed" | base64url)
ask "$BASE/auth/token" -d @- <<FORM
grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=$HEADER.$CLAIMS.$SIGNATURE
FORM
TOKEN=$(echo "$ANSWER" | member access_token)

ask "$BASE/me" -H "Authorization: Bearer $TOKEN"
echo "officer: $(echo "$ANSWER" | member username) through $(echo "$ANSWER" | member client_id)"
ask "$BASE/verify/id-card" -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \
  --data-binary @- <<'JSON'
{"procedure_code": "1.004194",
 "full_name": "NGUYỄN THỊ MINH NGỌC", "id_number": "100190000001", "birth_date": "1990-07-30"}
JSON
echo "identity card: $(echo "$ANSWER" | sed -n 's/.*"result":"\([a-z_]*\)".*/\1/p')"
