//! The exchanges in which a record was seen, found by its uuid, its id, or an attribute by which it was selected.

use std::collections::BTreeSet;

use rusqlite::Connection;
use rusqlite::OptionalExtension;
use rusqlite::params;

use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::history::record::Look;
use crate::history::record::RecordKey;
use crate::history::record::Said;
use crate::history::record::of_exchange;
use crate::history::row;

/// The key with the uuid and the id that some exchange told together.
pub(super) fn completed(
    connection: &Connection,
    key: &RecordKey,
) -> Result<RecordKey, rusqlite::Error> {
    let mut key = RecordKey {
        uuid: key.uuid.as_ref().map(|uuid| uuid.to_ascii_lowercase()),
        ..key.clone()
    };
    if key.uuid.is_some() == key.id.is_some() {
        return Ok(key);
    }
    let mut statement = connection.prepare_cached(
        "SELECT seen.uuid, seen.number FROM seen JOIN exchange AS e ON e.id = seen.exchange
         WHERE (seen.uuid = ?1 OR seen.number = ?2) AND seen.uuid IS NOT NULL AND seen.number IS NOT NULL
           AND seen.type_name = ?3 AND e.environment = ?4
         ORDER BY seen.exchange DESC LIMIT 1",
    )?;
    let both = params![key.uuid, key.id, key.type_name, key.environment];
    let both = statement.query_row(both, |row| Ok((row.get(0)?, row.get(1)?)));
    if let Some((uuid, id)) = both.optional()? {
        (key.uuid, key.id) = (Some(uuid), Some(id));
    }
    Ok(key)
}

/// What the exchanges say of the record, oldest first; perhaps also of others that were selected in the same way.
pub(super) fn looks(
    connection: &Connection,
    key: &RecordKey,
) -> Result<Vec<Look<'static>>, rusqlite::Error> {
    let mut places = BTreeSet::new();
    let mut statement = connection.prepare_cached(
        "SELECT seen.exchange FROM seen JOIN exchange AS e ON e.id = seen.exchange
         WHERE (seen.uuid = ?1 OR seen.number = ?2) AND seen.type_name = ?3 AND e.environment = ?4",
    )?;
    let named = params![key.uuid, key.id, key.type_name, key.environment];
    for place in statement.query_map(named, |row| row.get::<_, i64>(0))? {
        places.insert(place?);
    }
    let mut looks = Vec::new();
    for place in &places {
        read(connection, *place, key, &mut looks)?;
    }
    let mut selected = BTreeSet::new();
    for selector in selectors(connection, &looks)? {
        let mut statement = connection.prepare_cached(
            "SELECT seen.exchange FROM seen JOIN exchange AS e ON e.id = seen.exchange
             WHERE seen.selector = ?1 AND seen.type_name = ?2 AND e.environment = ?3",
        )?;
        let by = params![selector, key.type_name, key.environment];
        for place in statement.query_map(by, |row| row.get::<_, i64>(0))? {
            selected.insert(place?);
        }
    }
    for place in selected.difference(&places) {
        read(connection, *place, key, &mut looks)?;
    }
    looks.sort_by_key(|look| look.exchange);
    Ok(looks)
}

/// Adds what one exchange says of the record.
fn read(
    connection: &Connection,
    place: i64,
    key: &RecordKey,
    looks: &mut Vec<Look<'static>>,
) -> Result<(), rusqlite::Error> {
    let Some(exchange) = row::read(connection, place)? else {
        return Ok(());
    };
    // A page of records shows many others.
    let may_be = |look: &Look<'_>| {
        let sighting = &look.sighting;
        let uuid = sighting.uuid.as_ref().map(|uuid| uuid.to_ascii_lowercase());
        sighting.selector.is_some()
            || (uuid.is_some() && uuid == key.uuid)
            || (sighting.id.is_some() && sighting.id == key.id)
    };
    let found = of_exchange(&exchange).into_iter().filter(may_be);
    looks.extend(found.map(Look::into_owned));
    Ok(())
}

/// How the record may have been selected, by the values that it was seen or written with.
fn selectors(
    connection: &Connection,
    looks: &[Look<'_>],
) -> Result<BTreeSet<String>, rusqlite::Error> {
    let mut statement = connection.prepare_cached(
        "SELECT DISTINCT substr(selector, 1, instr(selector, '=') - 1) FROM seen
         WHERE selector IS NOT NULL",
    )?;
    let mut found = BTreeSet::new();
    for attribute in statement.query_map([], |row| row.get::<_, String>(0))? {
        let attribute = attribute?;
        let Ok(path) = attribute.parse::<AttrPath>() else {
            continue;
        };
        let said = looks.iter().flat_map(|look| &look.sighting.said);
        let values = said.filter_map(|said| match said {
            Said::Read {
                path: root, value, ..
            }
            | Said::Written {
                path: root, value, ..
            } => {
                let value: &Json = value;
                let mut steps = path.0.iter();
                let value = steps.try_fold(value, |value, step| value.get(&step.name));
                value.filter(|_| root.is_root())
            }
            Said::Gone { .. } => None,
        });
        found.extend(values.map(|value| row::selector(&attribute, value)));
    }
    Ok(found)
}
