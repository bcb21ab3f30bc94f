#!/bin/sh
# An officer receives a case: log in, three lookups, register it without ever doing so twice, begin the work.
#
#     sh examples/desk.sh http://127.0.0.1:8000
#
# Needs curl. Prints the receipt number last. Personal data travels in bodies, never in a URL or an argument.
set -eu
BASE=${1:-http://127.0.0.1:8000}
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

# Take the text member $1 out of the JSON on stdin; a real script would use jq.
member() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }

TOKEN=$(curl --silent --show-error --fail "$BASE/auth/token" \
  -d grant_type=password -d username=receiver -d password=sandbox | member access_token)

# post PATH [curl's options...] sends stdin. Its answer goes to $WORK/answer, its status to $STATUS; 000: no answer.
post() {
  path=$1
  shift
  rm -f "$WORK/answer" "$WORK/headers"
  STATUS=$(curl --silent --max-time 20 --output "$WORK/answer" --write-out '%{http_code}' \
    --dump-header "$WORK/headers" "$BASE$path" -H "Authorization: Bearer $TOKEN" \
    -H "Content-Type: application/json" --data-binary @- "$@") || STATUS=000
}

# A failed lookup is never "not found": show the problem's code, and go on only after a 200.
lookup() {
  post "$1"
  if [ "$STATUS" != 200 ]; then
    echo "$1 failed: $STATUS $(member code 2>/dev/null < "$WORK/answer")" >&2
    exit 1
  fi
}

lookup /verify/id-card <<'JSON'
{"procedure_code": "1.004194",
 "full_name": "NGUYỄN THỊ MINH NGỌC", "id_number": "100190000001", "birth_date": "1990-07-30"}
JSON
LOOKUP=$(member lookup_id < "$WORK/answer")
echo "identity card: $(sed -n 's/.*"result":"\([a-z_]*\)".*/\1/p' "$WORK/answer")"

lookup /verify/household-head <<'JSON'
{"procedure_code": "1.004194",
 "head": {"full_name": "LƯƠNG VĂN CẢ", "id_number": "100062000101", "birth_date": "1962-08-19"},
 "members": [{"id_number": "100164000102"}, {"id_number": "100190000001"}]}
JSON
echo "household: $(grep -o '"result":"[a-z_]*"' "$WORK/answer" | cut -d'"' -f4 | tr '\n' ' ')"

lookup /citizens/share <<'JSON'
{"procedure_code": "1.004194", "fields": ["citizen.permanent_address", "father"],
 "full_name": "NGUYỄN THỊ MINH NGỌC", "id_number": "100190000001", "birth_date": "1990-07-30"}
JSON
echo "record: $(sed -n 's/.*"result":"\([a-z_]*\)".*/\1/p' "$WORK/answer")"

# One key for this one case, made before the first try and kept until there is an answer.
KEY=desk-$(date +%s)-$$
cat > "$WORK/case" <<JSON
{"procedure_code": "1.004194", "channel": "in_person",
 "applicant": {"full_name": "NGUYỄN THỊ MINH NGỌC", "id_number": "100190000001", "birth_date": "1990-07-30"},
 "documents": [{"name": "Tờ khai", "copies": 1, "form": "original"}], "lookup_ids": ["$LOOKUP"]}
JSON
for try in 1 2 3 4 5; do
  post /cases -H "Idempotency-Key: $KEY" < "$WORK/case"
  # No answer, still running, too many, or the service's own fault: the same request with the same key is safe.
  case $STATUS-$(member code 2>/dev/null < "$WORK/answer") in
    000-* | 429-* | 5??-* | 409-idempotency-key-in-use) ;;
    *) break ;;
  esac
  PAUSE=$(tr -d '\r' 2>/dev/null < "$WORK/headers" | sed -n 's/^[Rr]etry-[Aa]fter: //p')
  sleep "${PAUSE:-$try}"
done
if [ "$STATUS" != 201 ]; then
  echo "not registered: $STATUS $(member code 2>/dev/null < "$WORK/answer")" >&2
  exit 1
fi
NUMBER=$(member receipt_number < "$WORK/answer")

post "/cases/$NUMBER/status" -H "Idempotency-Key: $KEY-begin" <<'JSON'
{"to": "in_progress"}
JSON
[ "$STATUS" = 200 ]
echo "registered: $NUMBER"
