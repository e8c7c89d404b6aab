//! Many believable records at once, through the code that creates one. Used by `captui sandbox seed`; what a record
//! looks like is `capture::sample`'s affair.
//!
//! ```text
//! numbers ─▶ samples ─▶ checked as entity.create does ─▶ added, a batch in one transaction
//!                       refused: left out                clashes with a unique value: undone alone, left out
//! ```

use jiff::Timestamp;
use rusqlite::Connection;

use crate::capture::attr_type::AttrType;
use crate::capture::error::ApiError;
use crate::capture::json::Json;
use crate::capture::sample;
use crate::capture::sample::Fill;
use crate::capture::schema::AttrDef;
use crate::sandbox::operations::bulk;
use crate::sandbox::operations::create;
use crate::sandbox::store::Store;
use crate::sandbox::store::StoreError;
use crate::sandbox::store::records::NewRecord;
use crate::sandbox::store::survey;
use crate::sandbox::store::types;
use crate::sandbox::store::types::StoredType;

/// The password of every record made here, the same as of the first content's users: one that nobody knows would be of
/// no use, and hashing a different one for each would take longer than all the rest.
const PASSWORD: &str = "correct horse battery staple";

/// How many records are added in one transaction: calls of others wait as long.
const BATCH: u64 = 500;

/// How many samples in a row may come to nothing, beyond one for every record there is, before no more are tried.
const PATIENCE: u64 = 1_000;

/// What to add.
#[derive(Clone, Debug)]
pub struct Growth {
    /// The entity type.
    pub type_name: String,
    /// How many records.
    pub count: u64,
    /// The number of the first sample; `None` for the number of records there are, plus 1.
    pub seed: Option<u64>,
    /// How much of a record is filled.
    pub fill: Fill,
}

/// What became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grown {
    /// How many records were added.
    pub added: u64,
    /// The number of the first sample.
    pub seed: u64,
    /// The number after the last sample.
    pub next_seed: u64,
    /// How many samples clashed with a unique value.
    pub clashes: u64,
    /// How many samples the entity type refused.
    pub refused: u64,
    /// Why it refused the last of them.
    pub refusal: Option<ApiError>,
}

/// Why nothing was added, or no more.
#[derive(Debug, thiserror::Error)]
pub enum GrowError {
    /// There is no such entity type.
    #[error("there is no entity type called `{0}`")]
    UnknownType(String),
    /// The store does not work.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Adds records as `growth` says, created at `now`, and tells `progress` after each batch how many are there. Samples
/// that clash or are refused are passed over; when too many in a row are, the rest is given up. What was added before an
/// error stays.
pub fn grow(
    store: &Store,
    growth: &Growth,
    now: Timestamp,
    mut progress: impl FnMut(u64),
) -> Result<Grown, GrowError> {
    let (mut stored_type, there) = find(store, &growth.type_name)?;
    let seed = growth.seed.unwrap_or_else(|| there.saturating_add(1));
    let mut grown = Grown {
        seed,
        next_seed: seed,
        ..Grown::default()
    };
    let password = hash(store.bcrypt_cost)?;
    let mut in_vain = 0;
    while grown.added < growth.count && in_vain < PATIENCE + there {
        let first = grown.next_seed;
        let size = BATCH.min(growth.count - grown.added);
        let (mut batch, mut refused) = (Vec::new(), Vec::new());
        for number in (0..size).map(|place| first.wrapping_add(place)) {
            let mut record = sample::record(&stored_type.schema, number, growth.fill);
            set_passwords(&mut record, &stored_type.schema.attr_defs, &password);
            match create::prepare(
                &record,
                &stored_type,
                &stored_type.schema,
                now,
                store.bcrypt_cost,
            ) {
                Ok(new) => batch.push(new),
                Err(error) => refused.push(error),
            }
        }
        let prepared = batch.len() as u64;
        let of = stored_type.clone();
        let added = store.write(move |transaction| {
            if types::is_current(transaction, &of)? {
                add_all(transaction, &of, batch).map(Some)
            } else {
                Ok(None)
            }
        })?;
        let Some(added) = added else {
            (stored_type, _) = find(store, &growth.type_name)?;
            continue;
        };
        grown.next_seed = first.wrapping_add(size);
        grown.added += added;
        grown.clashes += prepared - added;
        grown.refused += refused.len() as u64;
        grown.refusal = refused.pop().or(grown.refusal);
        in_vain = if added == 0 { in_vain + size } else { 0 };
        progress(grown.added);
    }
    Ok(grown)
}

/// The entity type, and how many records it has.
fn find(store: &Store, name: &str) -> Result<(StoredType, u64), GrowError> {
    let found = store.read(|transaction| {
        let Some(stored_type) = store.schemas.find(transaction, name)? else {
            return Ok(None);
        };
        let count = survey::records(transaction, stored_type.id)?;
        Ok::<_, StoreError>(Some((
            stored_type,
            u64::try_from(count).unwrap_or_default(),
        )))
    })?;
    found.ok_or_else(|| GrowError::UnknownType(name.to_owned()))
}

/// Adds those that clash with nothing, and returns how many they are.
fn add_all(
    transaction: &Connection,
    stored_type: &StoredType,
    batch: Vec<NewRecord>,
) -> Result<u64, StoreError> {
    let mut added = 0;
    for new in batch {
        let outcome = bulk::add_one(transaction, stored_type, new)?;
        added += u64::from(outcome.is_ok());
    }
    Ok(added)
}

fn hash(cost: u32) -> Result<Json, StoreError> {
    let hash = bcrypt::hash(PASSWORD, cost)
        .map_err(|_| StoreError::Unavailable("a password could not be hashed"))?;
    Ok([
        ("type", Json::from("password-bcrypt")),
        ("value", hash.into()),
    ]
    .into_iter()
    .collect())
}

/// Puts `password` in place of every password in `value`.
fn set_passwords(value: &mut Json, defs: &[AttrDef], password: &Json) {
    let Some(members) = value.as_object_mut() else {
        return;
    };
    for def in defs {
        let Some(member) = members.get_mut(&def.name) else {
            continue;
        };
        match (&def.attr_type, &mut *member) {
            (AttrType::Password(_), Json::String(_)) => *member = password.clone(),
            (AttrType::Object(inner), object) => set_passwords(object, inner, password),
            (AttrType::Plural(inner), Json::Array(elements)) => {
                for element in elements {
                    set_passwords(element, inner, password);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::schema;
    use crate::capture::schema::EntityType;
    use crate::sandbox::store::StorePath;
    use crate::sandbox::store::records;

    fn store(attr_defs: &str) -> Store {
        let store = Store::open(StorePath::Memory)
            .expect("opens")
            .with_bcrypt_cost(4);
        let attr_defs = Json::parse(attr_defs).expect("JSON");
        let (attr_defs, problems) = schema::read_attr_defs(&attr_defs);
        assert_eq!(problems, []);
        let schema = EntityType::create("t", attr_defs);
        let added = store.write(move |transaction| types::add(transaction, &schema, 0));
        assert!(added.expect("can be written"));
        store
    }

    fn growth(type_name: &str, count: u64) -> Growth {
        Growth {
            type_name: type_name.to_owned(),
            count,
            seed: None,
            fill: Fill::Everything,
        }
    }

    fn grow_now(store: &Store, growth: &Growth) -> Grown {
        grow(store, growth, Timestamp::UNIX_EPOCH, |_| {}).expect("can be written")
    }

    #[test]
    fn as_many_are_added_as_asked_for_and_those_in_the_way_are_passed_over() {
        let store = store(
            r#"[{"name":"email","type":"string","constraints":["unique","required","email-address"]}]"#,
        );
        let mut told = Vec::new();
        let grown = grow(
            &store,
            &growth("t", 1_200),
            Timestamp::UNIX_EPOCH,
            |added| told.push(added),
        );
        let grown = grown.expect("can be written");
        assert_eq!(
            (grown.added, grown.seed, grown.next_seed),
            (1_200, 1, 1_201)
        );
        assert_eq!(told, [500, 1_000, 1_200]);
        // The same numbers again: each of the first 1,200 clashes.
        let again = Growth {
            seed: Some(1),
            ..growth("t", 10)
        };
        let grown = grow_now(&store, &again);
        assert_eq!((grown.added, grown.clashes), (10, 1_200));
        assert_eq!(find(&store, "t").expect("is there").1, 1_210);
    }

    #[test]
    fn what_cannot_be_is_given_up() {
        let unique =
            store(r#"[{"name":"yes","type":"boolean","constraints":["unique","required"]}]"#);
        let grown = grow_now(&unique, &growth("t", 10));
        assert_eq!((grown.added, grown.refused), (2, 0));
        assert!(grown.clashes >= PATIENCE, "{grown:?}");
        let address = store(
            r#"[{"name":"a","type":"string","length":3,"constraints":["required","email-address"]}]"#,
        );
        let grown = grow_now(&address, &growth("t", 10));
        assert_eq!((grown.added, grown.clashes), (0, 0));
        assert!(grown.refusal.is_some(), "{grown:?}");
        let unknown = grow(&address, &growth("u", 1), Timestamp::UNIX_EPOCH, |_| {});
        assert!(matches!(unknown, Err(GrowError::UnknownType(name)) if name == "u"));
    }

    #[test]
    fn every_password_is_the_one_that_is_known() {
        let store = store(
            r#"[{"name":"o","type":"plural","attr_defs":[{"name":"p","type":"password-bcrypt"}]}]"#,
        );
        grow_now(&store, &growth("t", 3));
        let (stored_type, _) = find(&store, "t").expect("is there");
        let mut seen = 0;
        store
            .read(|transaction| {
                records::each::<StoreError>(transaction, stored_type.id, |record| {
                    let elements = record.body.get("o").and_then(Json::as_array);
                    for element in elements.expect("is filled") {
                        let hash = element.get("p").and_then(|it| it.get("value"));
                        let hash = hash.and_then(Json::as_str).expect("is hashed");
                        assert!(bcrypt::verify(PASSWORD, hash).expect("is a hash"));
                        seen += 1;
                    }
                    Ok(true)
                })
            })
            .expect("can be read");
        assert!(seen >= 3);
    }
}
