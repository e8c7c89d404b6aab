"""Believable records, as many as wanted, and the entity type that they belong to.

Usage: records.py COUNT FILE.csv|FILE.ndjson
"""

import json
import sys

TYPE = "person"

ATTR_DEFS = [
    {"name": "email", "type": "string", "length": 256, "case-sensitive": False, "constraints": ["unique", "email-address"]},
    {"name": "givenName", "type": "string", "length": 100},
    {"name": "familyName", "type": "string", "length": 100},
    {"name": "displayName", "type": "string", "length": 100},
    {"name": "gender", "type": "string", "length": 20},
    {"name": "birthday", "type": "date"},
    {"name": "mobileNumber", "type": "string", "length": 40},
    {"name": "aboutMe", "type": "string", "length": 1000},
    {"name": "logins", "type": "integer"},
    {"name": "optIn", "type": "object", "attr_defs": [{"name": "status", "type": "boolean"}]},
    {"name": "primaryAddress", "type": "object", "attr_defs": [
        {"name": "address1", "type": "string", "length": 200},
        {"name": "city", "type": "string", "length": 100},
        {"name": "zip", "type": "string", "length": 20},
        {"name": "country", "type": "string", "length": 2},
    ]},
    {"name": "clients", "type": "plural", "attr_defs": [
        {"name": "clientId", "type": "string", "length": 40},
        {"name": "name", "type": "string", "length": 100},
    ]},
]

GIVEN = ["Ada", "Blaise", "Chien-Shiung", "Dorothy", "Émilie", "Frank", "Grace", "Hedy", "Ibn", "Jocelyn"]
FAMILY = ["Lovelace", "Pascal", "Wu", "Hodgkin", "Châtelet", "Ramsey", "Hopper", "Lamarr", "Sina", "O'Bell"]
CITY = ["Ulm", "Łódź", "San Antonio", "Quito", "Ōsaka", "Aarhus", "Bern", "Lagos"]


def record(number):
    given, family = GIVEN[number % 10], FAMILY[number // 10 % 10]
    return {
        "email": f"person{number}@example.com",
        "givenName": given,
        "familyName": family,
        "displayName": f"{given} {family} {number}",
        "gender": ("female", "male", "other")[number % 3],
        "birthday": f"{1940 + number % 70}-{1 + number % 12:02}-{1 + number % 28:02}",
        "mobileNumber": f"+1 202 555 {number % 10000:04}",
        "aboutMe": f"Number {number}, who likes {CITY[number % 8]} and long walks, quotes \"often\", and has a comma.",
        "logins": number % 1000,
        "optIn": {"status": number % 2 == 0},
        "primaryAddress": {
            "address1": f"{number % 999} Weekley Street",
            "city": CITY[number // 7 % 8],
            "zip": f"{number % 100000:05}",
            "country": "US",
        },
        "clients": [{"clientId": f"c{number % 50}", "name": f"Client {number % 50}"}],
    }


def cell(value):
    text = {True: "T", False: "F"}.get(value) if isinstance(value, bool) else value
    text = json.dumps(text, ensure_ascii=False) if isinstance(text, list) else str(text)
    if any(sign in text for sign in ",\"\n"):
        return '"' + text.replace('"', '""') + '"'
    return text


def columns(of):
    for name, value in of.items():
        if isinstance(value, dict):
            for inner, inside in value.items():
                yield f"{name}.{inner}", inside
        else:
            yield name, value


def write(count, path):
    with open(path, "w", encoding="utf-8", buffering=1 << 20) as out:
        if str(path).endswith(".csv"):
            out.write(",".join(name for name, _ in columns(record(0))) + "\n")
            for number in range(count):
                out.write(",".join(cell(value) for _, value in columns(record(number))) + "\n")
        else:
            for number in range(count):
                out.write(json.dumps(record(number), ensure_ascii=False) + "\n")


if __name__ == "__main__":
    write(int(sys.argv[1]), sys.argv[2])
