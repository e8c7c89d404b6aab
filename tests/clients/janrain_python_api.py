"""Drives the sandbox with janrain-python-api, a client that was written for the real service.

Usage: janrain_python_api.py URL CLIENT_ID CLIENT_SECRET

Goes through the operations on types, records, clients and settings, signed and unsigned, and expects the client's own
exception type for an error. Prints a line for each check and ends with 1 at the first that fails.
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


def raises(code, call, **arguments):
    """Whether the call raises the client's own exception with this code."""
    try:
        call(**arguments)
    except ApiResponseError as error:
        return error.code == code
    return False


def records(api, how):
    """Finding, changing and deleting, on a type of its own."""
    name = "records_of_python_" + uuid.uuid4().hex[:8]
    attr_defs = [
        {"name": "mail", "type": "string", "constraints": ["unique"], "case-sensitive": False},
        {"name": "age", "type": "integer"},
        {"name": "home", "type": "object", "attr_defs": [{"name": "city", "type": "string"}]},
        {"name": "tags", "type": "plural", "attr_defs": [{"name": "tag", "type": "string"}]},
    ]
    api.call("entityType.create", type_name=name, attr_defs=attr_defs)

    def call(operation, **arguments):
        return api.call(operation, type_name=name, **arguments)

    people = [{"mail": "p%d@example.com" % age, "age": age, "tags": [{"tag": "t"}]} for age in range(5)]
    made = call("entity.bulkCreate", all_attributes=people + [{"mail": "P0@example.com"}])
    last = made["results"][-1]
    holds = made["uuid_results"][-1] == last and last["code"] == 361 and all(isinstance(one, int) for one in made["results"][:5])
    check(how + ": entity.bulkCreate answers what failed in its place", holds)
    for commit_each, kept in [("smart", 1), (True, 1), (False, 0)]:
        before = call("entity.count")["total_count"]
        pair = [{"age": 50}, {"age": "x"}]
        try:
            call("entity.bulkCreate", all_attributes=pair, commit_each=commit_each)
        except ApiResponseError as error:
            check(how + ": all or nothing is refused as its first mistake", error.code == 341)
        check(how + ": commit_each=%s keeps %d" % (commit_each, kept), call("entity.count")["total_count"] == before + kept)
    gone = call("entity.bulkDelete", filter="age = 50", commit=True)
    check(how + ": entity.bulkDelete deletes what the filter selects", 2 in gone.values())

    found = call("entity.find", filter="age >= 1 and mail != 'p3@example.com'", sort_on=["-age"], attributes=["age"],
                 max_results=2, first_result=1, show_total_count=True)
    holds = (found["result_count"], found["total_count"], found["results"]) == (2, 3, [{"age": 2}, {"age": 1}])
    check(how + ": entity.find filters, sorts, pages and counts", holds)
    check(how + ": entity.count filters", call("entity.count", filter="tags.tag = 't' and age < 3")["total_count"] == 3)
    check(how + ": contains raises 485", raises(485, call, operation="entity.find", filter="mail contains 'p'"))
    check(how + ": a broken filter raises 200", raises(200, call, operation="entity.find", filter="mail ="))

    key = {"key_attribute": "mail", "key_value": '"p2@example.com"'}
    changed = call("entity.update", attributes={"home": {"city": "Zürich"}, "tags": [{"tag": "u"}]}, include_record=True, **key)
    record = changed["result"]
    holds = [tag["tag"] for tag in record["tags"]] == ["t", "u"] and record["home"]["city"] == "Zürich" and record["age"] == 2
    check(how + ": entity.update merges and appends", holds)
    stale = raises(330, call, operation="entity.update", id=record["id"], attributes={"age": 9}, lastUpdated=record["created"])
    check(how + ": a guard that does not hold raises 330", stale)
    path = "/tags#%d" % record["tags"][0]["id"]
    call("entity.update", id=record["id"], attribute_name=path, value={"tag": "new"})
    tags = call("entity", id=record["id"], attribute_name="/tags")["result"]
    check(how + ": entity.update changes the element its path names", [tag["tag"] for tag in tags] == ["new", "u"])
    call("entity.replace", id=record["id"], attribute_name="/tags", attributes=[])
    call("entity.replace", id=record["id"], attributes={"age": 7})
    record = call("entity", id=record["id"])["result"]
    check(how + ": entity.replace empties the rest", (record["age"], record["mail"], record["tags"]) == (7, None, []))
    call("entity.delete", id=record["id"])
    check(how + ": entity.delete deletes", raises(310, call, operation="entity", id=record["id"]))
    was = call("versions/entity", id=record["id"], timestamp=record["lastUpdated"])["result"]
    check(how + ": versions/entity still shows it", was == record)
    call("entity.purge", commit=True)
    check(how + ": entity.purge deletes the rest", call("entity.count")["total_count"] == 0)


def schemas(api, how):
    """Changing an entity type, with its rules and properties."""
    name = "schema_of_python_" + uuid.uuid4().hex[:8]
    api.call("entityType.create", type_name=name, attr_defs=[{"name": "a", "type": "string"}])

    def call(operation, **arguments):
        return api.call(operation, type_name=name, **arguments)

    def names(answer):
        return [attr["name"] for attr in answer["schema"]["attr_defs"]][4:]

    grown = call("entityType.addAttribute", attr_def={"name": "b", "type": "plural", "attr_defs": [{"name": "c", "type": "date"}]})
    check(how + ": entityType.addAttribute adds", names(grown) == ["a", "b"])
    held = call("entityType.setAttributeConstraints", attribute_name="/a", constraints=["required", "alphabetic"])
    check(how + ": entityType.setAttributeConstraints sets", held["schema"]["attr_defs"][4]["constraints"] == ["required", "alphabetic"])
    told = call("entityType.setAttributeDescription", attribute_name="a", description='"Näme"')
    check(how + ": entityType.setAttributeDescription sets", told["schema"]["attr_defs"][4]["description"] == "Näme")
    rule = call("entityType.addRule", attributes=["a"], definition={"max-length": 3}, description="Short.")["result"]
    check(how + ": entityType.addRule answers slashed paths", rule["attributes"] == ["/a"])
    check(how + ": the rule holds", raises(360, call, operation="entity.create", attributes={"a": "long"}))
    check(how + ": entityType.rules has it", call("entityType.rules")["results"] == [rule])
    unique = call("entityType.addProperty", property={"type": "unique", "attributes": ["a"]})["result"]
    kinds = sorted(one["property"] for one in call("entityType.properties")["results"])
    check(how + ": entityType.properties has both kinds", kinds == ["rule", "unique"])
    call("entityType.removeProperty", uuid=unique["uuid"])
    api.call("entityType.removeRule", uuid=rule["uuid"])
    check(how + ": both are removed", call("entityType.properties")["results"] == [])
    settings = call("entityType.setPasswordSettings", settings={"historySize": 3})["settings"]
    check(how + ": entityType.setPasswordSettings echoes", settings == {"historySize": 3})
    check(how + ": entityType.removeAttribute removes", names(call("entityType.removeAttribute", attribute_name="b")) == ["a"])
    call("entityType.delete", commit=True)
    check(how + ": entityType.delete deletes", raises(222, call, operation="entityType"))


def clients(api, how, url):
    """A client with a secret, features, an access schema and settings of its own."""
    made = api.call("clients/add", description="a reader", features=["direct_read_access"])
    one = {"for_client_id": made["client_id"]}
    listed = {client["client_id"]: client for client in api.call("clients/list", has_features=["direct_read_access"])["results"]}
    check(how + ": clients/list has the new client, as clients/add told", listed[made["client_id"]]["client_secret"] == made["client_secret"])
    reader = Api(url, {"client_id": made["client_id"], "client_secret": made["client_secret"]})
    check(how + ": it reads", "total_count" in reader.call("entity.count", type_name="user"))
    check(how + ": it may not write", raises(403, reader.call, api_call="entity.create", type_name="user", attributes={}))
    api.call("entityType.setAccessSchema", type_name="user", access_type="read", attributes=["givenName"], **one)
    shown = api.call("entityType.getAccessSchema", type_name="user", access_type="read", **one)["schema"]["attr_defs"]
    check(how + ": its access schema is what was set", [attr["name"] for attr in shown][4:] == ["givenName"])
    check(how + ": what is hidden does not exist", raises(223, reader.call, api_call="entity.find", type_name="user", attributes=["email"]))
    check(how + ": nor in a filter", raises(200, reader.call, api_call="entity.find", type_name="user", filter="email is null"))
    api.call("clients/set_features", features=["direct_access"], **one)
    api.call("clients/set_description", description="a writer", **one)
    api.call("clients/set_whitelist", whitelist=["192.0.2.0/24"], **one)
    check(how + ": its allow list keeps it out", raises(403, reader.call, api_call="entity.count", type_name="user"))
    api.call("clients/clear_whitelist", **one)
    secret = api.call("clients/reset_secret", hours_to_live=1, **one)["new_secret"]
    renewed = Api(url, {"client_id": made["client_id"], "client_secret": secret})
    both = [client.call("entity.count", type_name="user") for client in (reader, renewed)]
    check(how + ": both its secrets work for an hour", both[0] == both[1])

    existed = api.call("settings/set_multi", items={"a": "1", "b": "2"}, **one)["result"]
    again = api.call("settings/set", key="a", value="3", **one)["result"]
    check(how + ": settings tell whether they were there", (existed, again) == ({"a": False, "b": False}, True))
    key = "default_" + uuid.uuid4().hex[:8]
    api.call("settings/set_default", key=key, value="d")
    got = [api.call("settings/" + operation, **arguments)["result"] for operation, arguments in [
        ("get", dict(key="a", **one)), ("get", dict(key=key, **one)), ("get_default", dict(key=key)),
        ("get_multi", dict(keys=["b", key], **one)), ("delete", dict(key="a", **one)), ("delete", dict(key="a", **one)),
        ("delete_default", dict(key=key)),
    ]]
    check(how + ": settings are read and deleted", got == ["3", "d", "d", {"b": "2", key: "d"}, True, False, True])
    everything = api.call("settings/get_all")
    check(how + ": settings/get_all has the client's", everything["client_settings"][made["client_id"]] == {"b": "2"})
    api.call("clients/delete", client_id_for_deletion=made["client_id"])
    check(how + ": clients/delete deletes it", raises(402, renewed.call, api_call="entity.count", type_name="user"))


def users(api, how, url):
    """A user with an access token, which the client prefers to its own credentials."""
    made = api.call("entity.create", type_name="user", attributes={"givenName": "Ann"})
    token = api.call("access/getAccessToken", type_name="user", uuid=made["uuid"])["accessToken"]
    user = Api(url, {"client_id": "ignored", "client_secret": "ignored", "access_token": token})
    check(how + ": a user sees their record", user.call("entity")["result"]["id"] == made["id"])
    user.call("entity.update", attributes={"givenName": "Bea"})
    check(how + ": a user changes it", user.call("entity", attribute_name="givenName")["result"] == "Bea")
    check(how + ": a user finds nobody", raises(403, user.call, api_call="entity.find", type_name="user"))
    api.call("entity.deleteAccess", type_name="user", uuid=made["uuid"])
    check(how + ": access ends when it is withdrawn", raises(413, user.call, api_call="entity"))


def main():
    url, client_id, secret = sys.argv[1:4]
    client = {"client_id": client_id, "client_secret": secret}
    ways = {
        "signed": Api(url, client),
        "unsigned": Api(url, client, sign_requests=False),
        "signed, with a double slash": Api(url + "/", client),
    }
    for how, api in ways.items():
        drive(api, how)
        records(api, how)
        schemas(api, how)
    clients(ways["signed"], "signed", url)
    clients(ways["unsigned"], "unsigned", url)
    users(ways["signed"], "signed", url)
    try:
        Api(url, {"client_id": client_id, "client_secret": "wrong"}).call("entityType.list")
        check("a wrong secret raises", False)
    except ApiResponseError as error:
        check("a wrong secret raises 402", (error.code, error.error) == (402, "invalid_client_credentials"))


main()
