//! Attributes as words of the command line, as HTTPie writes them, and the record that they make.
//!
//! ```text
//! givenName=Bob                  text, read by the attribute's type: a string, a number, true, a date …
//! middleName=                    the empty string
//! age:=3  statuses:='[…]'        JSON as it stands
//! birthday:=null                 no value
//! photo@file.json                the text of a file, read by the attribute's type
//! primaryAddress.city=Berlin     a member of an object
//! statuses[0].status=Away        an element of a plural by its place, from 0
//! statuses#12.status=Away        an element by its id
//! ```
//!
//! Used by the commands that write records. Whether the service takes what was made is `capture::validate`'s question;
//! here only that is refused which has no place or no JSON spelling.

use std::fs;
use std::path::PathBuf;
use std::str::FromStr;

use crate::capture::attr_type::AttrType;
use crate::capture::json::Json;
use crate::capture::json::MAX_DEPTH;
use crate::capture::json::Number;
use crate::capture::json::object::Object;
use crate::capture::path::AttrPath;
use crate::capture::path::Element;
use crate::capture::path::Segment;
use crate::capture::schema::AttrDef;
use crate::failure::nearest;

/// One word: where, and what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Where in the record.
    pub path: AttrPath,
    /// What is to be there.
    pub given: Given,
}

/// What an item gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// Text, to be read by the attribute's type.
    Text(String),
    /// A JSON value.
    Json(Json),
    /// A file with text, to be read by the attribute's type.
    File(PathBuf),
}

impl FromStr for Item {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let usage = "write it as NAME=TEXT, NAME:=JSON or NAME@FILE";
        let end = text.find(['=', ':', '@']).ok_or(usage)?;
        let (name, rest) = text.split_at(end);
        let given = if let Some(json) = rest.strip_prefix(":=") {
            let json = Json::parse(json).map_err(|error| {
                format!("after {name}:= stands no JSON: {error}; {name}=… takes text as it is")
            })?;
            Given::Json(json)
        } else if let Some(text) = rest.strip_prefix('=') {
            Given::Text(text.to_owned())
        } else if let Some(file) = rest.strip_prefix('@') {
            Given::File(PathBuf::from(file))
        } else {
            return Err(usage.to_owned());
        };
        let path: AttrPath = name.parse().map_err(|error| format!("{error}"))?;
        if path.is_root() {
            return Err(usage.to_owned());
        }
        if path.0.len() > MAX_DEPTH / 2 {
            return Err("attributes do not stand that deep in each other".to_owned());
        }
        Ok(Self { path, given })
    }
}

/// Puts the items into `record`, in order, over what stands there. `attr_defs` are the definitions of what `record`
/// holds; without them every text is a string, and every name is taken. Gives everything that is wrong with the items.
pub fn put(record: &mut Json, items: &[Item], attr_defs: Option<&[AttrDef]>) -> Vec<String> {
    let mut faults = Vec::new();
    for (at, item) in items.iter().enumerate() {
        if let Some(before) = items[..at].iter().position(|other| other.path == item.path) {
            faults.push(format!(
                "{}: it is given twice, by the items {} and {}",
                item.path,
                before + 1,
                at + 1
            ));
            continue;
        }
        let put = value(item, attr_defs).and_then(|value| set(record, &item.path, value));
        if let Err(why) = put {
            faults.push(format!("{}: {why}", item.path));
        }
    }
    faults
}

/// The value that an item gives.
fn value(item: &Item, attr_defs: Option<&[AttrDef]>) -> Result<Json, String> {
    let def = attr_defs.map(|defs| find(defs, &item.path)).transpose()?;
    match &item.given {
        Given::Json(json) => Ok(json.clone()),
        Given::Text(text) => read(text, def, &item.path),
        Given::File(file) => {
            let text = fs::read_to_string(file)
                .map_err(|error| format!("the file {} cannot be read: {error}", file.display()))?;
            // As a shell's $(cat FILE) does: the last line's end belongs to the file.
            let text = text.strip_suffix('\n').unwrap_or(&text);
            read(text.strip_suffix('\r').unwrap_or(text), def, &item.path)
        }
    }
}

/// The definition at a path, or what is wrong with the path and which one may have been meant.
pub fn find<'a>(attr_defs: &'a [AttrDef], path: &AttrPath) -> Result<&'a AttrDef, String> {
    let mut defs = attr_defs;
    let mut found: Option<&AttrDef> = None;
    for (depth, Segment { name, element }) in path.0.iter().enumerate() {
        let def = defs
            .iter()
            .find(|def| def.name == *name)
            .ok_or_else(|| unknown(name, defs, found.map(|holder| holder.name.as_str())))?;
        let is_plural = matches!(def.attr_type, AttrType::Plural(_));
        let is_last = depth + 1 == path.0.len();
        if element.is_some() && !is_plural {
            return Err(format!("`{name}` is no plural and has no elements"));
        }
        if is_plural && element.is_none() && !is_last {
            return Err(format!(
                "`{name}` is a plural: say which element, {name}[0].{}",
                path.0[depth + 1].name
            ));
        }
        found = Some(def);
        defs = def.attr_type.attr_defs();
    }
    found.ok_or_else(|| "no attribute is named".to_owned())
}

/// There is no such attribute; perhaps another one was meant.
fn unknown(name: &str, among: &[AttrDef], holder: Option<&str>) -> String {
    let place = holder.map_or_else(String::new, |holder| format!(" in `{holder}`"));
    match nearest(name, among.iter().map(|def| def.name.as_str())) {
        Some(meant) => format!("there is no attribute `{name}`{place}; did you mean `{meant}`?"),
        None => format!("there is no attribute `{name}`{place}"),
    }
}

/// Reads a text as the form does: numbers as numbers, true and false as such, JSON where JSON is stored, and all else as
/// the text that it is.
fn read(text: &str, def: Option<&AttrDef>, path: &AttrPath) -> Result<Json, String> {
    let Some(def) = def else {
        return Ok(text.into());
    };
    let is_element = path.0.last().is_some_and(|last| last.element.is_some());
    match &def.attr_type {
        AttrType::Boolean => match text {
            "true" => Ok(true.into()),
            "false" => Ok(false.into()),
            _ => Err(format!("`{text}` is neither true nor false{}", or_null(text, path))),
        },
        AttrType::Integer | AttrType::Decimal | AttrType::Id => {
            let number = Number::parse(text).map(Json::Number);
            number.ok_or_else(|| {
                let null = or_null(text, path);
                format!("`{text}` is not a number such as 42 or 0.5{null}")
            })
        }
        AttrType::Object(_) | AttrType::Plural(_) if !text.trim_start().starts_with(['{', '[']) => {
            let (what, example) = match def.attr_type {
                AttrType::Plural(_) if !is_element => ("a plural", "'[…]'"),
                _ => ("an object", "'{…}'"),
            };
            Err(format!("it is {what}: {path}:={example} gives it whole"))
        }
        AttrType::Object(_) | AttrType::Plural(_) | AttrType::Json | AttrType::Unknown(_) => {
            Json::parse(text).map_err(|error| {
                format!("it holds JSON, and `{text}` is none: {error}; a text has its quotes there: {path}='\"…\"'")
            })
        }
        AttrType::String { .. }
        | AttrType::Date
        | AttrType::DateTime
        | AttrType::IpAddress
        | AttrType::Uuid
        | AttrType::Password(_) => Ok(text.into()),
    }
}

/// What an empty text probably means where no text is.
fn or_null(text: &str, path: &AttrPath) -> String {
    match text {
        "" | "null" => format!("; {path}:=null is no value"),
        _ => String::new(),
    }
}

/// Puts `value` at `path`, and makes what must hold it.
fn set(record: &mut Json, path: &AttrPath, value: Json) -> Result<(), String> {
    let mut here = record;
    for Segment { name, element } in &path.0 {
        let members = members(here).ok_or("what holds it is no object")?;
        here = members.get_or_insert_with(name.clone(), || Json::Null);
        if let Some(element) = element {
            here = element_of(here, name, *element)?;
        }
    }
    // An element by its id stays the one with that id.
    let id = path.0.last().and_then(|last| last.element);
    match (id, value) {
        (Some(Element::Id(id)), Json::Object(mut members)) => {
            members.shift_insert(0, "id".to_owned(), id.into());
            *here = Json::Object(members);
        }
        (_, value) => *here = value,
    }
    Ok(())
}

/// The members of an object, which nothing becomes.
fn members(json: &mut Json) -> Option<&mut Object> {
    if json.is_null() {
        *json = Json::Object(Object::new());
    }
    json.as_object_mut()
}

/// The element of a plural: one that is there, or a new one after the last.
fn element_of<'a>(
    plural: &'a mut Json,
    name: &str,
    element: Element,
) -> Result<&'a mut Json, String> {
    if plural.is_null() {
        *plural = Json::Array(Vec::new());
    }
    let Json::Array(elements) = plural else {
        return Err(format!("`{name}` is no array"));
    };
    let place = match element {
        Element::Index(place) if place > elements.len() => {
            return Err(format!(
                "{name}[{}] comes before it and is not given",
                elements.len()
            ));
        }
        Element::Index(place) => place,
        Element::Id(id) => {
            let has_id = |element: &Json| element.get("id").and_then(Json::as_i64) == Some(id);
            let known = elements.iter().position(has_id);
            known.unwrap_or_else(|| {
                elements.push([("id", Json::from(id))].into_iter().collect());
                elements.len() - 1
            })
        }
    };
    if place == elements.len() {
        elements.push(Json::Null);
    }
    Ok(&mut elements[place])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::schema::read_attr_defs;

    fn defs() -> Vec<AttrDef> {
        let json = r#"[{"name":"givenName","type":"string"},{"name":"age","type":"integer"},
            {"name":"score","type":"decimal"},{"name":"vip","type":"boolean"},{"name":"birthday","type":"date"},
            {"name":"display","type":"json"},{"name":"address","type":"object","attr_defs":[{"name":"city","type":"string"}]},
            {"name":"statuses","type":"plural","attr_defs":[{"name":"status","type":"string"},{"name":"rank","type":"integer"}]}]"#;
        let (defs, problems) = read_attr_defs(&Json::parse(json).expect("JSON"));
        assert!(problems.is_empty(), "{problems:?}");
        defs
    }

    fn made(
        base: &str,
        words: &[&str],
        attr_defs: Option<&[AttrDef]>,
    ) -> Result<String, Vec<String>> {
        let items: Vec<Item> = words
            .iter()
            .map(|word| word.parse().expect("is an item"))
            .collect();
        let mut record = Json::parse(base).expect("JSON");
        let faults = put(&mut record, &items, attr_defs);
        if faults.is_empty() {
            Ok(record.to_string())
        } else {
            Err(faults)
        }
    }

    #[test]
    fn items_are_read_by_the_type_of_their_attribute() {
        let defs = defs();
        for (words, record) in [
            (&["givenName=Bob"][..], r#"{"givenName":"Bob"}"#),
            (&["givenName=3"], r#"{"givenName":"3"}"#),
            (&["givenName=@bob"], r#"{"givenName":"@bob"}"#),
            (&["givenName=a=b:=c"], r#"{"givenName":"a=b:=c"}"#),
            (&["givenName="], r#"{"givenName":""}"#),
            (&["givenName:=null"], r#"{"givenName":null}"#),
            (&["age=3"], r#"{"age":3}"#),
            (&["age:=-3"], r#"{"age":-3}"#),
            (&["age:=\"3\""], r#"{"age":"3"}"#),
            (&["score=1.50"], r#"{"score":1.50}"#),
            (&["vip=false"], r#"{"vip":false}"#),
            (&["birthday=1985-02-28"], r#"{"birthday":"1985-02-28"}"#),
            (&["display=[1,{}]"], r#"{"display":[1,{}]}"#),
            (&["address.city=Berlin"], r#"{"address":{"city":"Berlin"}}"#),
            (
                &["/address/city=Berlin"],
                r#"{"address":{"city":"Berlin"}}"#,
            ),
            (
                &["address={\"city\":\"Oslo\"}"],
                r#"{"address":{"city":"Oslo"}}"#,
            ),
            (&["statuses:=[]"], r#"{"statuses":[]}"#),
            (
                &[
                    "statuses[0].status=a",
                    "statuses[1].status=b",
                    "statuses[0].rank=1",
                ],
                r#"{"statuses":[{"status":"a","rank":1},{"status":"b"}]}"#,
            ),
            (
                &["statuses[0]={\"rank\":1}"],
                r#"{"statuses":[{"rank":1}]}"#,
            ),
            (
                &["statuses#7.status=a"],
                r#"{"statuses":[{"id":7,"status":"a"}]}"#,
            ),
            (
                &["statuses#7:={\"rank\":2}"],
                r#"{"statuses":[{"id":7,"rank":2}]}"#,
            ),
        ] {
            assert_eq!(
                made("{}", words, Some(&defs)),
                Ok(record.to_owned()),
                "{words:?}"
            );
        }
    }

    #[test]
    fn items_lie_over_what_is_there() {
        let base = r#"{"age":1,"address":{"city":"Oslo"},"statuses":[{"id":7,"status":"a"}],"givenName":null}"#;
        let words = [
            "age=2",
            "address.city=Bergen",
            "statuses[0].status=b",
            "statuses#7.rank=1",
            "statuses[1].rank=2",
        ];
        assert_eq!(
            made(base, &words, Some(&defs())).as_deref(),
            Ok(
                r#"{"age":2,"address":{"city":"Bergen"},"statuses":[{"id":7,"status":"b","rank":1},{"rank":2}],"givenName":null}"#
            )
        );
    }

    #[test]
    fn what_is_given_twice_is_refused() {
        for words in [
            &["givenName=a", "age=1", "givenName:=null"][..],
            &["givenName=a", "age=1", "/givenName=a"],
        ] {
            let why = "givenName: it is given twice, by the items 1 and 3";
            assert_eq!(made("{}", words, None), Err(vec![why.to_owned()]));
        }
        let apart = ["statuses[0].status=a", "statuses[1].status=a"];
        assert!(made("{}", &apart, None).is_ok());
    }

    #[test]
    fn without_a_schema_every_text_is_a_string() {
        let words = ["nobody.knows=3", "age=3", "is:=3"];
        assert_eq!(
            made("{}", &words, None).as_deref(),
            Ok(r#"{"nobody":{"knows":"3"},"age":"3","is":3}"#)
        );
    }

    #[test]
    fn what_has_no_place_or_no_spelling_is_named() {
        let defs = defs();
        for (word, why) in [
            (
                "givnName=Bob",
                "givnName: there is no attribute `givnName`; did you mean `givenName`?",
            ),
            ("zzz=1", "zzz: there is no attribute `zzz`"),
            (
                "address.cty=x",
                "address.cty: there is no attribute `cty` in `address`; did you mean `city`?",
            ),
            ("age=x", "age: `x` is not a number such as 42 or 0.5"),
            (
                "age=",
                "age: `` is not a number such as 42 or 0.5; age:=null is no value",
            ),
            ("vip=yes", "vip: `yes` is neither true nor false"),
            (
                "display=hello",
                "display: it holds JSON, and `hello` is none",
            ),
            (
                "statuses=away",
                "statuses: it is a plural: statuses:='[…]' gives it whole",
            ),
            (
                "address=Berlin",
                "address: it is an object: address:='{…}' gives it whole",
            ),
            (
                "statuses.status=a",
                "statuses.status: `statuses` is a plural: say which element, statuses[0].status",
            ),
            (
                "statuses[2].status=a",
                "statuses[2].status: statuses[0] comes before it",
            ),
            ("age[0]=1", "age[0]: `age` is no plural"),
            ("photo@/nonexistent", "photo: there is no attribute"),
            (
                "givenName@/nonexistent",
                "givenName: the file /nonexistent cannot be read",
            ),
        ] {
            let faults = made("{}", &[word], Some(&defs)).expect_err(word);
            assert_eq!(faults.len(), 1, "{faults:?}");
            assert!(faults[0].starts_with(why), "{word}: {faults:?}");
        }
        let faults = made(
            r#"{"address":"Berlin"}"#,
            &["address.city=Oslo"],
            Some(&defs),
        );
        assert_eq!(
            faults,
            Err(vec!["address.city: what holds it is no object".to_owned()])
        );
    }

    #[test]
    fn words_that_are_no_items_are_refused() {
        let deep = format!("{}=x", vec!["a"; 200].join("."));
        for word in [
            "", "a", "=x", ":=1", "@f", "a:=", "a:b=c", "a..b=c", "a[x]=c", "/=1", "a:={", &deep,
        ] {
            assert!(word.parse::<Item>().is_err(), "{word}");
        }
    }

    #[test]
    fn a_file_is_read_by_the_type_and_loses_its_last_line_end() {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        let path = file.path().display();
        for (text, name, record) in [
            ("Bob\r\n", "givenName", r#"{"givenName":"Bob"}"#),
            ("a\n\n", "givenName", r#"{"givenName":"a\n"}"#),
            ("{\"x\":\n1}\n", "display", r#"{"display":{"x":1}}"#),
            ("42\n", "age", r#"{"age":42}"#),
        ] {
            fs::write(file.path(), text).expect("writable");
            let word = format!("{name}@{path}");
            assert_eq!(made("{}", &[&word], Some(&defs())).as_deref(), Ok(record));
        }
    }
}
