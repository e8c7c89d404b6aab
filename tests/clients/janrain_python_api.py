"""Drives the sandbox with janrain-python-api, a client that was written for the real service.

Usage: janrain_python_api.py URL CLIENT_ID CLIENT_SECRET

Creates an entity type and a record, signed and unsigned, reads them back, and expects the client's own exception type
for an error. Prints a line for each check and ends with 1 at the first that fails.
"""

import sys
import uuid

from janrain.capture import Api
from janrain.capture.exceptions import ApiResponseError


def check(what, holds):
    print(("ok   " if holds else "FAIL ") + what)
    if not holds:
        sys.exit(1)


def drive(api, how):
    name = "made_by_python_" + uuid.uuid4().hex[:8]
    attr_defs = [
        {"name": "mail", "type": "string", "length": 200, "constraints": ["unique"]},
        {"name": "born", "type": "date"},
        {"name": "tags", "type": "plural", "attr_defs": [{"name": "tag", "type": "string"}]},
    ]
    made = api.call("entityType.create", type_name=name, attr_defs=attr_defs)
    names = [attr["name"] for attr in made["schema"]["attr_defs"]]
    expected = ["id", "uuid", "created", "lastUpdated", "born", "mail", "tags"]
    check(how + ": entityType.create echoes the schema in the service's order", names == expected)
    check(how + ": entityType.list has it", name in api.call("entityType.list")["results"])

    record = {"mail": "zoë@example.com", "born": "2 Jan 03", "tags": [{"tag": "a=1&b"}]}
    made = api.call("entity.create", type_name=name, attributes=record, include_record=True)
    check(how + ": entity.create gives id and uuid", isinstance(made["id"], int) and len(made["uuid"]) == 36)
    check(how + ": the record came back", made["result"]["mail"] == record["mail"])
    check(how + ": the date is in its output spelling", made["result"]["born"] == "2003-01-02")
    read = api.call("entity", type_name=name, uuid=made["uuid"])["result"]
    check(how + ": entity reads it", read["tags"][0]["tag"] == "a=1&b" and read["id"] == made["id"])
    found = api.call("entity.find", type_name=name, attributes=["id", "mail"], sort_on=["id"])
    check(how + ": entity.find finds it", found["result_count"] == 1 and found["results"][0]["id"] == made["id"])
    check(how + ": entity.count counts it", api.call("entity.count", type_name=name)["total_count"] == 1)

    try:
        api.call("entity.create", type_name=name, attributes=record)
        check(how + ": a duplicate value raises", False)
    except ApiResponseError as error:
        check(how + ": a duplicate value raises 361", (error.code, error.error) == (361, "unique_violation"))
    try:
        api.call("entity", type_name=name, id=999999999)
        check(how + ": an absent record raises", False)
    except ApiResponseError as error:
        check(how + ": an absent record raises 310", (error.code, error.error) == (310, "record_not_found"))


def main():
    url, client_id, secret = sys.argv[1:4]
    client = {"client_id": client_id, "client_secret": secret}
    drive(Api(url, client), "signed")
    drive(Api(url, client, sign_requests=False), "unsigned")
    drive(Api(url + "/", client), "signed, with a double slash")
    try:
        Api(url, {"client_id": client_id, "client_secret": "wrong"}).call("entityType.list")
        check("a wrong secret raises", False)
    except ApiResponseError as error:
        check("a wrong secret raises 402", (error.code, error.error) == (402, "invalid_client_credentials"))


main()
