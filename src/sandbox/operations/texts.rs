//! Records as texts: what [`crate::sandbox::operations::part::whole`] makes of a stored record, written without building
//! it. A page of ten thousand records is mostly copied.

use jiff::Timestamp;

use crate::capture::attr_type::AttrType;
use crate::capture::raw::Cursor;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::value::date;
use crate::sandbox::store::records::StoredText;

/// Adds the whole record: every attribute of the schema in its order, nulls included. `None` when what is stored is no
/// object, with part of it added.
pub(super) fn push_whole(
    record: &StoredText<'_>,
    schema: &EntityType,
    out: &mut Vec<u8>,
) -> Option<()> {
    let members = Members::read(&mut Cursor::new(record.body))?;
    let mut expected = 0;
    out.push(b'{');
    for (place, def) in schema.attr_defs.iter().enumerate() {
        push_name(place, &def.name, out);
        match def.name.as_str() {
            "id" => out.extend_from_slice(record.id.to_string().as_bytes()),
            "uuid" => push_plain(record.uuid, out),
            "created" => push_plain(&stamp(record.created), out),
            "lastUpdated" => push_plain(&stamp(record.last_updated), out),
            name => push_value(members.get(name, &mut expected), def, out)?,
        }
    }
    out.push(b'}');
    Some(())
}

fn stamp(microseconds: i64) -> String {
    // Only instants that were timestamps before are ever stored.
    let instant = Timestamp::from_microsecond(microseconds).unwrap_or_default();
    date::format_stamp(instant)
}

fn push_name(place: usize, name: &str, out: &mut Vec<u8>) {
    if place > 0 {
        out.push(b',');
    }
    push_plain(name, out);
    out.push(b':');
}

/// Adds a text in which nothing has to be escaped: names, times and uuids.
fn push_plain(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

/// As deep as the schema.
fn push_value(given: Option<&[u8]>, def: &AttrDef, out: &mut Vec<u8>) -> Option<()> {
    match (&def.attr_type, given) {
        (AttrType::Object(inner), given) => push_object(given, inner, out),
        (AttrType::Plural(inner), Some(given)) if given.starts_with(b"[") => {
            let mut cursor = Cursor::new(given);
            cursor.take(b'[')?;
            out.push(b'[');
            let mut place = 0;
            while cursor.element()? {
                if place > 0 {
                    out.push(b',');
                }
                place += 1;
                push_object(Some(cursor.value()?), inner, out)?;
            }
            out.push(b']');
            Some(())
        }
        (AttrType::Plural(_), _) => {
            out.extend_from_slice(b"[]");
            Some(())
        }
        (_, given) => {
            out.extend_from_slice(given.unwrap_or(b"null"));
            Some(())
        }
    }
}

fn push_object(given: Option<&[u8]>, defs: &[AttrDef], out: &mut Vec<u8>) -> Option<()> {
    let members = match given {
        Some(given) if given.starts_with(b"{") => Members::read(&mut Cursor::new(given))?,
        _ => Members(Vec::new()),
    };
    let mut expected = 0;
    out.push(b'{');
    for (place, def) in defs.iter().enumerate() {
        push_name(place, &def.name, out);
        push_value(members.get(&def.name, &mut expected), def, out)?;
    }
    out.push(b'}');
    Some(())
}

/// The members of a stored object: their names with quotes, and their values.
struct Members<'a>(Vec<(&'a [u8], &'a [u8])>);

impl<'a> Members<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Option<Self> {
        cursor.take(b'{')?;
        let mut members = Vec::new();
        while let Some(name) = cursor.member()? {
            members.push((name, cursor.value()?));
        }
        Some(Self(members))
    }

    /// The member called so. They mostly stand in the order of the schema: it is looked for from where the last was found.
    /// Names of attributes have nothing in them that is escaped.
    fn get(&self, name: &str, expected: &mut usize) -> Option<&'a [u8]> {
        let (before, rest) = self.0.split_at((*expected).min(self.0.len()));
        let is_it = |member: &&(&[u8], &[u8])| {
            member.0.len() == name.len() + 2 && &member.0[1..=name.len()] == name.as_bytes()
        };
        // Next it is, or it is not there at all, or somebody changed the schema.
        if let Some(next) = rest.first().filter(is_it) {
            *expected += 1;
            return Some(next.1);
        }
        let found = before
            .iter()
            .chain(rest)
            .enumerate()
            .find(|(_, member)| is_it(member));
        found.map(|(place, member)| {
            *expected = place + 1;
            member.1
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::json::Json;
    use crate::sandbox::operations::part;
    use crate::sandbox::store::records::StoredRecord;

    #[test]
    fn texts_are_what_is_built() {
        let schema = r#"{"name":"t","attr_defs":[{"name":"id","type":"id"},{"name":"uuid","type":"uuid"},
            {"name":"created","type":"dateTime"},{"name":"lastUpdated","type":"dateTime"},
            {"name":"a","type":"string"},{"name":"j","type":"json"},
            {"name":"o","type":"object","attr_defs":[{"name":"x","type":"integer"},{"name":"y","type":"object","attr_defs":[
                {"name":"z","type":"plural","attr_defs":[{"name":"id","type":"id"},{"name":"v","type":"string"}]}]}]},
            {"name":"p","type":"plural","attr_defs":[{"name":"id","type":"id"},{"name":"b","type":"boolean"}]},
            {"name":"b","type":"boolean"}]}"#;
        let (schema, _) =
            EntityType::from_json(&Json::parse(schema).expect("JSON")).expect("is one");
        for body in [
            r"{}",
            r#"{"a":"x\"é\n","j":{"k":[1.50,null]},"o":{"x":1,"y":{"z":[{"id":1,"v":"w"}]}},"p":[{"id":3,"b":true}],"b":false}"#,
            r#"{"b":true,"gone":[{"a":1}],"p":[{"b":true,"id":3},{}],"o":{"y":null,"x":2},"a":null}"#,
            r#"{"o":null,"p":null,"j":null}"#,
            r#"{"o":{"y":{"z":[]}},"j":"[{"}"#,
        ] {
            let record = StoredRecord {
                id: 7,
                uuid: "8a3abdda-b4fb-49d8-a88d-022585b0f877".to_owned(),
                created: 1_000_001,
                last_updated: 2_000_000,
                since: 0,
                body: Json::parse(body).expect("is JSON"),
            };
            let text = StoredText {
                id: record.id,
                uuid: &record.uuid,
                created: record.created,
                last_updated: record.last_updated,
                body: body.as_bytes(),
            };
            let mut out = Vec::new();
            push_whole(&text, &schema, &mut out).expect("is an object");
            let built = part::whole(&record, &schema).to_string();
            assert_eq!(String::from_utf8(out).expect("is text"), built);
        }
    }
}
