//! What decides a client's create, remembered so that the next one need not read it again: who the client is, and which
//! schemas hold for it. Used by `operations::create`, which reads it and has the writer check it, and by the pipeline.
//!
//! ```text
//! first create ─▶ reads everything in one transaction, with the application's revision ─▶ kept
//! next create  ─▶ decided on what is kept ─▶ writer: is the revision still the same? ─▶ added
//!                  │ would be refused         │ no
//!                  └──────────────────────────┴──▶ all begins again, with reading
//! ```
//!
//! The database changes its revision with every change of clients, secrets, types, properties and access schemas, whoever
//! makes it, another process included; a snapshot that is put back brings its own. So nothing here ever lets a create
//! through that the database would not, and nothing here refuses one.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use rusqlite::Connection;

use crate::capture::attr_type::AttrType;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::sandbox::store::StoreError;
use crate::sandbox::store::clients::ApiClient;
use crate::sandbox::store::clients::OldSecret;
use crate::sandbox::store::types::StoredType;

/// How much is remembered: more pairs of client and type than are in use at a time.
const MOST_KEPT: usize = 1_000;

/// An entity type, and its schemas for one caller.
pub(crate) struct Design {
    pub(crate) stored_type: StoredType,
    /// As the caller may read it.
    pub(crate) readable: Arc<EntityType>,
    /// As the caller may write it.
    pub(crate) writable: Arc<EntityType>,
}

/// How much work it is to check a record of a type.
pub(crate) struct Effort {
    /// How many attributes there are, at any depth.
    attributes: usize,
    /// How many at most in the elements of one plural, each of which gets them all.
    in_elements: usize,
}

impl Effort {
    /// `None` where it may be much for any record: passwords are hashed, and rules may be of any kind.
    pub(crate) fn of(stored_type: &StoredType) -> Option<Self> {
        let defs = &stored_type.schema.attr_defs;
        Some(Self {
            attributes: count(defs).filter(|_| stored_type.rules.is_empty())?,
            in_elements: most_in_elements(defs),
        })
    }

    /// Whether it takes next to no time, less than a millisecond, for the record in `text`, as far as its length allows.
    pub(crate) fn is_little(&self, text: &str) -> bool {
        const LITTLE: usize = 10_000;
        let begins_a_value = |byte: &u8| matches!(byte, b',' | b'[' | b'{');
        let values = text.as_bytes().iter().filter(|byte| begins_a_value(byte));
        self.attributes + self.in_elements * values.count() <= LITTLE
    }
}

/// How many attributes there are, at any depth; `None` when one of them is a password.
fn count(defs: &[AttrDef]) -> Option<usize> {
    defs.iter().try_fold(0, |sum, def| match def.attr_type {
        AttrType::Password(_) => None,
        _ => Some(sum + 1 + count(def.attr_type.attr_defs())?),
    })
}

fn most_in_elements(defs: &[AttrDef]) -> usize {
    let most = defs.iter().map(|def| match &def.attr_type {
        // There are no passwords: they have been looked for.
        AttrType::Plural(inner) => count(inner).unwrap_or_default(),
        other => most_in_elements(other.attr_defs()),
    });
    most.max().unwrap_or(0)
}

/// What decides the creates of one client for one type, as it was at one revision.
pub(crate) struct Basis {
    pub(crate) revision: i64,
    /// The application's id.
    pub(crate) application: String,
    pub(crate) client: ApiClient,
    pub(crate) old_secret: Option<OldSecret>,
    pub(crate) design: Arc<Design>,
    pub(crate) effort: Effort,
}

/// What is remembered, by the client's id and the type's name.
#[derive(Default)]
pub(crate) struct Bases(Mutex<HashMap<(String, String), Arc<Basis>>>);

impl Bases {
    /// What was last kept for this client and the type of this name.
    pub(crate) fn find(&self, client_id: &str, type_name: &str) -> Option<Arc<Basis>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (client_id.to_owned(), type_name.to_owned());
        kept.get(&key).cloned()
    }

    /// Forgets it: it may be out of date, and is about to be read again.
    pub(crate) fn forget(&self, client_id: &str, type_name: &str) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.remove(&(client_id.to_owned(), type_name.to_owned()));
    }

    /// Keeps `basis` in place of an earlier one.
    pub(crate) fn keep(&self, basis: Basis) {
        let type_name = basis.design.stored_type.schema.name.clone();
        let key = (basis.client.id.clone(), type_name);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let too_many = (kept.len() >= MOST_KEPT).then(|| std::mem::take(&mut *kept));
        kept.insert(key, Arc::new(basis));
        drop(kept);
        // Takes its time, for which nobody has to wait.
        drop(too_many);
    }
}

/// The revision under which everything that is read in this transaction holds.
pub(crate) fn revision(transaction: &Connection) -> Result<i64, StoreError> {
    Ok(transaction
        .prepare_cached("SELECT revision FROM application")?
        .query_row([], |row| row.get(0))?)
}
