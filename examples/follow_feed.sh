#!/bin/sh
# Follow the feed of changes, as the back end of a portal does.
#
#     sh examples/follow_feed.sh http://127.0.0.1:8000 last-sequence.txt
#
# Needs curl. Prints each change once, keeps the last sequence in the file, and ends when there is nothing new:
# run it again, from a timer, to go on. A script that dies between the two lines sees a page again, never too little.
set -eu
BASE=${1:-http://127.0.0.1:8000}
PLACE=${2:-last-sequence.txt}

TOKEN=$(curl --silent --show-error --fail "$BASE/auth/token" -u portal:sandbox -d grant_type=client_credentials \
  | sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p')
AFTER=$(cat "$PLACE" 2>/dev/null || echo 0)
while :; do
  PAGE=$(curl --silent --show-error --fail "$BASE/cases/changes?after=$AFTER&limit=200" \
    -H "Authorization: Bearer $TOKEN")
  CHANGES=$(echo "$PAGE" | grep -o '{"sequence":[^}]*}' || true)
  [ -n "$CHANGES" ] || break
  echo "$CHANGES"
  AFTER=$(echo "$CHANGES" | tail -n 1 | sed 's/{"sequence":\([0-9]*\).*/\1/')
  echo "$AFTER" > "$PLACE.new" && mv "$PLACE.new" "$PLACE"
done
