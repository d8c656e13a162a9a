#!/usr/bin/env bash
# Two new owners find each other and agree a playdate, with nothing but curl.
# Start Pawtime with `make run` first; usage: examples/two-owners.sh [address, default http://localhost:3000]
set -euo pipefail
site=${1:-http://localhost:3000}
here=$(cd "$(dirname "$0")" && pwd)
run=$(date +%s)$RANDOM

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

# value EXPRESSION: prints a part of the JSON on standard input, as Python would name it
value() { python3 -c 'import json, sys; answer = json.load(sys.stdin); print(eval(sys.argv[1], {"answer": answer}))' "$1"; }

# call METHOD PATH [BODY]: as the owner whose token is in $token; prints the body, and stops at an unexpected status
call() {
  local method=$1 path=$2 body=${3:-} expected=${expected:-2}
  local out status
  out=$(curl -sS -X "$method" "$site/api$path" -w '\n%{http_code}' \
    ${token:+-H "Authorization: Bearer $token"} -H "Idempotency-Key: ${key:-$RANDOM$RANDOM$RANDOM}" \
    ${body:+-H 'Content-Type: application/json' -d "$body"})
  status=${out##*$'\n'}
  out=${out%$'\n'*}
  if [[ $status != "$expected"* ]]; then
    echo "$method $path answered $status: $out" >&2
    exit 1
  fi
  printf '%s' "$out"
}

# dog ROW: describes a dog of the data file as the API wants it; its owner says the size and the temper
dog() {
  python3 - "$here/../local/data/nyc_dog_licenses.csv" "$1" <<'PY'
import csv, datetime, json, sys

with open(sys.argv[1], newline="") as file:
    neighbours = [row for row in csv.DictReader(file) if row["zip_code"] == "11215"]
row = neighbours[int(sys.argv[2])]
print(json.dumps({
    "name": row["name"], "type": "dog", "breed": row["breed"], "age": datetime.date.today().year - int(row["birth_year"]),
    "size": "medium", "activity_level": "medium", "good_with_children": "yes",
    "vaccinated_until": str(datetime.date.today() + datetime.timedelta(days=200)),
}))
PY
}

# join NAME ROW LATITUDE LONGITUDE: registers, verifies, signs in, adds a dog and says where and when; sets token and pet
join() {
  local name=$1$run row=$2 latitude=$3 longitude=$4 link
  token=
  call POST /auth/register "{\"username\":\"$name\",\"email\":\"$name@example.com\",\"password\":\"two dogs and a park\"}" >/dev/null
  for _ in $(seq 50); do
    link=$(curl -sS -H 'Accept: application/json' "$site/_local/mail?to=$name@example.com" | value 'answer[0]["text"] if answer else ""')
    [[ -n $link ]] && break
    sleep 0.2
  done
  call POST /auth/verify-email "{\"token\":\"$(grep -o 'token=[A-Za-z0-9_-]*' <<<"$link" | cut -d= -f2)\"}" >/dev/null
  token=$(call POST /auth/login "{\"username\":\"$name\",\"password\":\"two dogs and a park\",\"delivery\":\"body\"}" | value 'answer["access_token"]')
  pet=$(call POST /pets "$(dog "$row")")
  echo "$name has $(value '"{name}, {age}, {breed}".format(**answer)' <<<"$pet")"
  pet=$(value 'answer["pet_id"]' <<<"$pet")
  call PUT /matching/location "{\"latitude\":$latitude,\"longitude\":$longitude,\"precision\":\"neighbourhood\"}" >/dev/null
  call PUT /matching/criteria '{"preferred_type":"dog","size_preference":"any","activity_level":"any","radius_km":5}' >/dev/null
  call PUT /matching/availability '{"time_zone":"America/New_York","windows":[{"weekday":"saturday","start":"09:00","end":"12:00"}],"away":[]}' >/dev/null
}

say "Two owners sign up, and describe their dogs"
join ann 0 40.6669 -73.9828
ann=$token anns_pet=$pet
join bob 1 40.6710 -73.9770
bob=$token bobs_pet=$pet

say "Ann looks within 5 km of Park Slope"
token=$ann
cursor=
for _ in $(seq 10); do
  page=$(call GET "/matching/candidates?pet_id=$anns_pet&radius_km=5&limit=50${cursor:+&cursor=$cursor}")
  found=$(value "next(('{} ({}, score {}): {}'.format(c['pet']['name'], c['distance_band'], c['score'], '; '.join(c['reasons'])) for c in answer['items'] if c['pet']['pet_id'] == '$bobs_pet'), '')" <<<"$page")
  cursor=$(value 'answer["next_cursor"] or ""' <<<"$page")
  [[ -n $found || -z $cursor ]] && break
done
[[ -n $found ]] || { echo "Bob's dog was not among the candidates" >&2; exit 1; }
echo "$found"

say "Ann says hello, Bob says hello back: a match"
call POST /matching/likes "{\"pet_id\":\"$anns_pet\",\"target_pet_id\":\"$bobs_pet\"}" | value '"Ann\u0027s like made a match: {}".format(answer["match"] is not None)'
token=$bob
call POST /matching/likes "{\"pet_id\":\"$bobs_pet\",\"target_pet_id\":\"$anns_pet\"}" | value '"Bob\u0027s like made a match: {}".format(answer["match"] is not None)'
call GET '/matches?status=Active' | value '"Bob has {} active match".format(len(answer["items"]))'

say "Ann proposes Saturday at ten in Prospect Park; Bob would rather have eleven, and Ann accepts"
saturday=$(python3 -c 'import datetime as d; t = d.date.today(); print(t + d.timedelta(days=(5 - t.weekday()) % 7 + 7))')
start="${saturday}T10:00:00-05:00"
token=$ann
proposal="{\"kind\":\"playdate\",\"pet_id\":\"$anns_pet\",\"other_pet_id\":\"$bobs_pet\",\"start\":\"$start\",\"minutes\":60,\"place\":\"Prospect Park, dog beach\"}"
proposed=$(key="propose-$run" call POST /appointments "$proposal")
appointment=$(value 'answer["appointment_id"]' <<<"$proposed")
value '"{status}: {minutes} minutes".format(**answer)' <<<"$proposed"
again=$(key="propose-$run" call POST /appointments "$proposal" | value 'answer["appointment_id"]')
[[ $again == "$appointment" ]] && echo "The same request sent again is the same playdate"
token=$bob
call POST "/appointments/$appointment/reschedule" "{\"start\":\"${saturday}T11:00:00-05:00\",\"minutes\":60}" | value '"{status}: {starts[0]}, and Bob is the {my_role} now".format(**answer)'
token=$ann
call POST "/appointments/$appointment/accept" '{}' | value '"{status}: {start} in {place}".format(**answer)'

say "An overlapping time is refused"
token=$bob
overlap="${saturday}T10:30:00-05:00"
expected=409 call POST /appointments "{\"kind\":\"playdate\",\"pet_id\":\"$bobs_pet\",\"other_pet_id\":\"$anns_pet\",\"start\":\"$overlap\",\"minutes\":60}" | value '"{status} {code}: {title}".format(**answer)'

say "Both agendas hold it"
for token in "$ann" "$bob"; do
  call GET /appointments | value '[(each["status"], each["start"]) for each in answer["items"]]'
done
