"""A loader that takes the same care as the one that the vendor's people published (dataload), written anew: it checks the
file's encoding in a pass of its own, transforms cells by column, keeps the rows as they were for another try, logs every
record, and counts under a lock. Batches of 100 in four workers, as that one is told to work; without its rate limit of one
call a second.

Usage: vendor_like.py URL CLIENT_ID CLIENT_SECRET TYPE FILE.csv
"""

import csv
import json
import logging
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import Lock

from janrain.capture import Api
from janrain.capture import ApiResponseError

BATCH = 100
WORKERS = 4

TRANSFORMATIONS = {
    "clients": json.loads,
    "optIn.status": lambda cell: cell.lower() in ("true", "t", "1"),
    "logins": int,
}

talk = logging.getLogger("talk")
success = logging.getLogger("success")
failure = logging.getLogger("failure")


def log_to(logger, path, form):
    handler = logging.FileHandler(path, mode="w", encoding="utf-8")
    handler.setFormatter(logging.Formatter(form))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False


def transformed(column, cell):
    transformation = TRANSFORMATIONS.get(column)
    if transformation is None:
        return cell
    value = transformation(cell)
    talk.debug(f"{column}: {cell} becomes {value}")
    return value


def expanded(flat):
    record = {}
    for name, value in flat.items():
        *before, last = name.split(".")
        holder = record
        for step in before:
            holder = holder.setdefault(step, {})
        holder[last] = value
    return record


def batches(path):
    """Batches of records, their rows as they were, and the number of the first line."""
    with open(path, encoding="utf-8", newline="") as file:
        for _ in file:
            pass
    with open(path, encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        header = next(reader)
        records, rows, first = [], [], 2
        for row in reader:
            cells = [transformed(header[at], cell) for at, cell in enumerate(row)]
            records.append(expanded(dict(zip(header, cells))))
            rows.append(row)
            if len(records) == BATCH:
                yield first, records, rows
                first += len(records)
                records, rows = [], []
        if records:
            yield first, records, rows


class Loader:
    def __init__(self, api, type_name, path):
        self.api = api
        self.type_name = type_name
        self.path = path
        self.lock = Lock()
        self.begun = time.time()
        self.done = self.failed = self.again = 0
        self.retry = csv.writer(open(path + ".retry.csv", "w", newline="", encoding="utf-8"))

    def load(self, number, first, records, rows):
        talk.info("batch %s, lines %s to %s", number, first, first + len(records) - 1)
        try:
            answer = self.api.call("entity.bulkCreate", type_name=self.type_name, timeout=10, all_attributes=records)
        except ApiResponseError as error:
            talk.warning("batch %s: %s", number, error)
            for row in rows:
                self.retry.writerow(row)
            with self.lock:
                self.again += len(rows)
            return
        for at, uuid in enumerate(answer["uuid_results"]):
            if isinstance(uuid, dict):
                why = uuid["error_description"]
                failure.info("%s,%s,%s,%s", number, first + at, records[at]["email"], why)
                with self.lock:
                    self.failed += 1
            else:
                success.info("%s,%s,%s,%s", number, first + at, uuid, records[at]["email"])
                with self.lock:
                    self.done += 1
        seconds = time.time() - self.begun
        rate = (self.done + self.failed + self.again) / seconds * 60
        sys.stderr.write(f"\rS:{self.done} F:{self.failed} R:{self.again} {rate:.0f} rec/m")

    def run(self):
        with ThreadPoolExecutor(WORKERS) as pool:
            under_way = []
            for number, batch in enumerate(batches(self.path), 1):
                while pool._work_queue.qsize() >= 2 * WORKERS:
                    time.sleep(0.001)
                under_way.append(pool.submit(self.load, number, *batch))
            for one in under_way:
                one.result()


def main():
    url, client_id, client_secret, type_name, path = sys.argv[1:]
    log_to(talk, path + ".log", "%(asctime)s %(name)s %(levelname)s %(message)s")
    log_to(success, path + ".success.csv", "%(message)s")
    log_to(failure, path + ".fail.csv", "%(message)s")
    success.info("batch,line,uuid,email")
    failure.info("batch,line,email,error")
    loader = Loader(Api(url, {"client_id": client_id, "client_secret": client_secret}), type_name, path)
    loader.run()
    print(json.dumps({"created": loader.done, "failed": loader.failed}))


if __name__ == "__main__":
    main()
