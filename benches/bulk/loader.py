"""A loader as the vendor's world has them: Python's csv, janrain-python-api, batches of 100 in worker threads.

Usage: loader.py URL CLIENT_ID CLIENT_SECRET TYPE FILE.csv

Written for the comparison; it does no more than it must: reads rows, makes records of them, calls entity.bulkCreate, and
writes a line for each record into a success or failure file, without a rate limit.
"""

import csv
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

from janrain.capture import Api

BATCH = 100
WORKERS = 10


def record(header, row):
    made = {}
    for name, cell in zip(header, row):
        if cell == "":
            continue
        if name == "clients":
            cell = json.loads(cell)
        elif name == "optIn.status":
            cell = cell.lower() in ("true", "t", "1")
        elif name == "logins":
            cell = int(cell)
        holder = made
        *before, last = name.split(".")
        for step in before:
            holder = holder.setdefault(step, {})
        holder[last] = cell
    return made


def batches(path):
    with open(path, encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        header = next(rows)
        batch, first = [], 2
        for row in rows:
            batch.append(record(header, row))
            if len(batch) == BATCH:
                yield first, batch
                first += len(batch)
                batch = []
        if batch:
            yield first, batch


def main():
    url, client_id, client_secret, type_name, path = sys.argv[1:]
    api = Api(url, {"client_id": client_id, "client_secret": client_secret})
    lock = Lock()
    done = failed = 0
    with open(path + ".success.csv", "w") as success, open(path + ".fail.csv", "w") as fail:
        success.write("batch,line,uuid,email\n")
        fail.write("batch,line,email,error\n")

        def load(number, first, batch):
            nonlocal done, failed
            answer = api.call("entity.bulkCreate", type_name=type_name, all_attributes=batch)
            with lock:
                for at, uuid in enumerate(answer["uuid_results"]):
                    if isinstance(uuid, dict):
                        failed += 1
                        fail.write(f"{number},{first + at},{batch[at]['email']},{uuid['error_description']}\n")
                    else:
                        done += 1
                        success.write(f"{number},{first + at},{uuid},{batch[at]['email']}\n")

        with ThreadPoolExecutor(WORKERS) as pool:
            under_way = [pool.submit(load, number, *batch) for number, batch in enumerate(batches(path), 1)]
            for one in under_way:
                one.result()
    print(json.dumps({"created": done, "failed": failed}))


if __name__ == "__main__":
    main()
