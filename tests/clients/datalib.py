"""Drives the sandbox with janrain-datalib, the vendor's own library for loading and keeping data.

Usage: datalib.py URL CLIENT_ID CLIENT_SECRET

Uses every method of the library that makes a call, and expects its own exception types. Prints a line for each check and
ends with 1 at the first that fails.
"""

import queue
import sys
import uuid

from janrain_datalib import get_app
from janrain_datalib.exceptions import ApiAuthError
from janrain_datalib.exceptions import ApiError
from janrain_datalib.exceptions import ApiNotFoundError
from janrain_datalib.exceptions import NotFoundError

ATTR_DEFS = [
    {"name": "mail", "type": "string", "length": 100, "constraints": ["unique"]},
    {"name": "born", "type": "date"},
    {"name": "secret", "type": "password-bcrypt"},
    {"name": "home", "type": "object", "attr_defs": [{"name": "city", "type": "string"}]},
    {"name": "tags", "type": "plural", "attr_defs": [{"name": "tag", "type": "string"}]},
]


def check(what, holds):
    print(("ok   " if holds else "FAIL ") + what)
    if not holds:
        sys.exit(1)


def raises(kind, call, *arguments, **more):
    """The exception of this kind that the call raises; None if it raises none."""
    try:
        call(*arguments, **more)
    except kind as error:
        return error
    return None


def all_of(results):
    """What the library's generator gives: written for older Pythons, it ends with an exception that means its end."""
    found = []
    try:
        for result in results:
            found.append(result)
    except RuntimeError as error:
        if not isinstance(error.__cause__, StopIteration):
            raise
    return found


def schema(app):
    made = app.get_schema("datalib_" + uuid.uuid4().hex[:8])
    attr_defs = made.create(ATTR_DEFS)
    check("Schema.create gives the definitions", attr_defs.find("/home/city")["length"] is None)
    app.del_cache()
    check("App.list_schemas has it", made.name in app.list_schemas())
    own = [attr["name"] for attr in made.get_attr_defs(remove_reserved=True)]
    check("Schema.get_attr_defs leaves out what is reserved", own == ["born", "home", "mail", "secret", "tags"])
    grown = made.add_attribute({"name": "extra", "type": "json"})
    check("Schema.add_attribute adds", grown.find("extra")["type"] == "json")
    shrunk = made.remove_attribute("/extra")
    check("Schema.remove_attribute removes", raises(NotFoundError, shrunk.find, "extra") is not None)
    told = made.set_attribute_description("home.city", "Where they live")
    check("Schema.set_attribute_description sets", told.find("home.city")["description"] == "Where they live")
    held = made.set_attribute_constraints("/tags/tag", ["locally-unique"])
    check("Schema.set_attribute_constraints sets", held.find("tags.tag")["constraints"] == ["locally-unique"])

    short = made.add_rule({"attributes": ["home.city"], "definition": {"max-length": 9}, "description": "Short."})
    pair = made.add_rule({"attributes": ["mail", "born"], "definition": "unique"})
    app.del_cache()
    rule, unique = made.get_rule(short), made.get_rule(pair)
    holds = (rule["attributes"], rule["definition"], rule["description"]) == (["/home/city"], {"max-length": 9}, "Short.")
    check("Schema.add_rule and get_rule agree on a rule", holds)
    check("and on uniqueness", (unique["attributes"], unique["definition"]) == (["/mail", "/born"], "unique"))
    made.remove_rule(pair)
    app.del_cache()
    check("Schema.remove_rule removes", [rule["uuid"] for rule in made.get_rule_defs()] == [short])
    return made


def one_record(made):
    record = made.records.get_record(None)
    ids = record.create({"m": "one@example.com", "city": "Kyiv", "pw": "correct horse"}, {"m": "mail", "city": "home.city", "pw": "secret"})
    check("SchemaRecord.create gives id and uuid", isinstance(ids["id"], int) and len(ids["uuid"]) == 36)
    check("SchemaRecord.as_dict finds it by uuid", record.as_dict(["id", "home.city"]) == {"id": ids["id"], "home": {"city": "Kyiv"}})
    by_mail = made.records.get_record("one@example.com", "mail")
    check("and by another key", by_mail.as_dict()["uuid"] == ids["uuid"])
    check("SchemaRecord.validate_password knows the password", by_mail.validate_password("correct horse", "secret"))
    check("and no other", not by_mail.validate_password("wrong horse", "secret"))
    record.update({"tags": [{"tag": "a"}, {"tag": "b"}]})
    record.update([{"tag": "c"}], attribute_path="/tags")
    check("SchemaRecord.update appends", [tag["tag"] for tag in record.as_dict()["tags"]] == ["a", "b", "c"])
    record.replace([], attribute_path="tags")
    check("SchemaRecord.replace empties a plural", record.as_dict()["tags"] == [])
    record.replace({"mail": "two@example.com"})
    check("SchemaRecord.replace empties the rest", record.as_dict()["home"] == {"city": None})
    long = raises(ApiError, record.update, {"home": {"city": "Llanfairpwll"}})
    check("a rule that does not hold is an ApiError with 360", long is not None and long.code == 360)
    record.delete()
    gone = raises(ApiError, record.as_dict)
    check("SchemaRecord.delete deletes", gone is not None and gone.code == 310)


def many_records(made):
    people = [{"mail": "p%d@example.com" % number, "born": "%d-01-02" % (1950 + number)} for number in range(25)]
    made_now = all_of(made.records.create(people, batch_size=10, concurrency=2))
    check("SchemaRecords.create gives ids in order", len(made_now) == 25 and all("uuid" in one for one in made_now))
    mixed = [{"mail": "p0@example.com"}, {"mail": "new@example.com"}]
    for mode, codes in [("smart", [361, None]), ("each", [361, 361])]:
        outcome = [one.get("code") for one in all_of(made.records.create(mixed, mode=mode))]
        check("mode %s answers %s" % (mode, codes), outcome == codes)
    # The library loses a refused batch's own exception when no other batch is waiting.
    kinds = (ApiError, queue.Empty)
    refused = raises(kinds, lambda: all_of(made.records.create([{"mail": "x@example.com"}, mixed[0]], mode="all")))
    check("mode all creates all or none", refused is not None and made.records.count() == 26)
    check("SchemaRecords.count filters", made.records.count("born < '1960-01-01'") == 10)
    page = made.records.find(attributes=["mail"], sort_on=["-mail"], batch_size=2, start_index=1, filtering="mail > 'p' and mail < 'q'")
    check("SchemaRecords.find sorts and pages", page == [{"mail": "p8@example.com"}, {"mail": "p7@example.com"}])
    everybody = list(made.records.iterator(attributes=["mail"], batch_size=7))
    check("SchemaRecords.iterator comes by all", len({one["mail"] for one in everybody}) == 26)
    lines = list(made.records.csv_iterator(["mail", "home.city"], filtering="mail = 'p3@example.com'"))
    check("SchemaRecords.csv_iterator writes", lines == ["mail,home.city\r\n", "p3@example.com,\r\n"])
    made.records.delete()
    check("SchemaRecords.delete deletes all", made.records.count() == 0)


def clients(app):
    client = app.get_client()
    client_id = client.create("a loader", ["direct_access"])
    app.del_cache()
    told = client.as_dict()
    check("Client.create and as_dict agree", (told["description"], told["features"]) == ("a loader", ["direct_access"]))
    check("whitelist begins as the library says", told["whitelist"] == ["0.0.0.0/0"])
    client.set_description("a reader")
    client.set_features(["direct_read_access"])
    client.set_whitelist(["192.0.2.0/24", "127.0.0.1/32"])
    secret = client.reset_secret(hours_to_live=2)
    app.del_cache()
    told = app.get_client(client_id).as_dict()
    holds = (told["description"], told["features"], told["whitelist"], told["client_secret"]) == (
        "a reader", ["direct_read_access"], ["192.0.2.0/24", "127.0.0.1/32"], secret)
    check("Client.set_… set", holds)

    settings = client.settings
    check("ClientSettings.set tells that it was not there", settings.set("level", "1") is False)
    check("and that it was", settings.set("level", "2") is True)
    check("ClientSettings.set_multi tells for each", settings.set_multi({"level": "3", "mode": "x"}) == {"level": True, "mode": False})
    key = "default_" + uuid.uuid4().hex[:8]
    check("DefaultSettings.set tells", app.default_settings.set(key, "d") is False)
    check("DefaultSettings.set_multi tells", app.default_settings.set_multi({key: "e"}) == {key: True})
    app.del_cache()
    check("ClientSettings.get prefers the client's own", (settings.get("level"), settings.get(key), settings.get("none")) == ("3", "e", None))
    app.del_cache()
    check("ClientSettings.get_all has both", settings.get_all().items() >= {"level": "3", "mode": "x", key: "e"}.items())
    check("ClientSettings.delete tells", settings.delete("mode") is True)
    check("DefaultSettings.delete tells", (app.default_settings.delete(key), app.default_settings.delete(key)) == (True, False))
    app.del_cache()
    check("DefaultSettings.get finds it no more", app.default_settings.get(key) is None)
    client.delete()
    app.del_cache()
    check("Client.delete deletes", raises(NotFoundError, client.as_dict) is not None)


def main():
    url, client_id, secret = sys.argv[1:4]
    app = get_app(url, client_id, secret, user_agent="a test")
    made = schema(app)
    one_record(made)
    many_records(made)
    made.delete()
    app.del_cache()
    check("Schema.delete deletes, rules first", made.name not in app.list_schemas())
    check("an absent schema is not found", raises(ApiNotFoundError, made.get_attr_defs) is not None)
    clients(app)
    stranger = get_app(url, client_id, "wrong")
    check("a wrong secret is an ApiAuthError", raises(ApiAuthError, stranger.list_schemas) is not None)
    elsewhere = get_app(url, client_id, secret, application_id="another")
    refused = raises(ApiError, elsewhere.get_schema("user").records.count)
    check("another application is refused with 221", refused is not None and refused.code == 221)


main()
