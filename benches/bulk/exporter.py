"""The exporter that a customer would write today, as a peer for `captui record export`: janrain-python-api, pages by id,
1000 records each as the vendor-world exporter asks for them, written with Python's own json or csv.

    python exporter.py URL CLIENT_ID CLIENT_SECRET TYPE FILE.ndjson|FILE.csv
"""

import csv
import json
import sys

from janrain.capture import Api

PAGE = 1000


def pages(api, type_name):
    last = 0
    while True:
        answer = api.call(
            "entity.find",
            type_name=type_name,
            filter=f"id > {last}",
            sort_on=["id"],
            max_results=PAGE,
        )
        records = answer["results"]
        if not records:
            return
        yield records
        last = records[-1]["id"]


def flat(record, prefix=""):
    row = {}
    for name, value in record.items():
        if isinstance(value, dict):
            row.update(flat(value, f"{prefix}{name}."))
        elif isinstance(value, list):
            row[prefix + name] = json.dumps(value)
        else:
            row[prefix + name] = value
    return row


def main():
    url, client_id, secret, type_name, path = sys.argv[1:]
    api = Api(url, {"client_id": client_id, "client_secret": secret})
    count = 0
    with open(path, "w", newline="") as out:
        table = None
        for records in pages(api, type_name):
            count += len(records)
            if not path.endswith(".csv"):
                for record in records:
                    out.write(json.dumps(record) + "\n")
                continue
            rows = [flat(record) for record in records]
            if table is None:
                table = csv.DictWriter(out, fieldnames=list(rows[0]))
                table.writeheader()
            table.writerows(rows)
    print(count)


main()
