//! Reading records: `entity`, `entity.find` and `entity.count` (reference 2.3–2.5). A `filter` is refused, not
//! ignored, until the sandbox knows the language.

use jiff::Timestamp;

use crate::capture::attr_type::AttrType;
use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::request::Args;
use crate::capture::schema::EntityType;
use crate::sandbox::operations::Fault;
use crate::sandbox::operations::find_type;
use crate::sandbox::operations::flag;
use crate::sandbox::operations::not_yet;
use crate::sandbox::operations::number;
use crate::sandbox::operations::ok;
use crate::sandbox::operations::part;
use crate::sandbox::operations::path;
use crate::sandbox::operations::paths;
use crate::sandbox::operations::select;
use crate::sandbox::operations::strings;
use crate::sandbox::operations::unknown_attribute;
use crate::sandbox::operations::with;
use crate::sandbox::store::Store;
use crate::sandbox::store::records;
use crate::sandbox::store::records::SortKey;

/// `max_results` when it is not given.
const PAGE: i64 = 100;

/// The most that `max_results` may ask for; more is code 200. Whether the service caps or refuses is not known.
const LARGEST_PAGE: i64 = 10_000;

/// The most attributes that `sort_on` may name. Our choice.
const SORT_KEYS: usize = 16;

/// The highest cost of a bcrypt hash that the sandbox checks, about two seconds of work: a hash is a caller's text, and
/// each step doubles the time. Our choice.
const HIGHEST_COST: u32 = 15;

/// `entity`.
pub(crate) fn view(store: &Store, args: &Args, now: Timestamp) -> Result<Json, Fault> {
    let (record, schema) = store.read(|transaction| {
        let stored_type = find_type(transaction, &store.schemas, args)?;
        let record = select::select(transaction, &stored_type, args, now)?;
        Ok::<_, Fault>((record, stored_type.schema))
    })?;
    let whole = part::whole(&record, &schema);
    // Hashing is slow on purpose: it happens after the reader has been given back.
    check_password(&whole, &schema, args)?;
    let wanted = paths(args, "attributes")?;
    if let Some(wanted) = &wanted {
        part::check_paths(wanted, &schema)?;
    }
    let result = match (args.get("attribute_name"), wanted) {
        (Some(name), _) => {
            let path = path("attribute_name", name)?;
            part::at(&whole, &schema, &path)?.clone()
        }
        (None, Some(wanted)) => part::only(&whole, &wanted),
        (None, None) => whole,
    };
    Ok(ok([("result", result)]))
}

/// Code 350 when `password_value` is not the password whose hash `password_attribute` holds.
fn check_password(record: &Json, schema: &EntityType, args: &Args) -> Result<(), ApiError> {
    let (name, plain) = match (args.get("password_attribute"), args.get("password_value")) {
        (None, None) => return Ok(()),
        (Some(_), None) => return Err(ApiError::missing_argument("password_value")),
        (None, Some(_)) => return Err(ApiError::missing_argument("password_attribute")),
        (Some(name), Some(plain)) => (name, plain),
    };
    let path = path("password_attribute", name)?;
    let def = schema.get(&path).ok_or_else(|| unknown_attribute(&path))?;
    if !matches!(def.attr_type, AttrType::Password(_)) {
        return Err(ApiError::invalid_argument(
            "password_attribute",
            "it is not a password",
        ));
    }
    let stored = part::at(record, schema, &path)?;
    let text = |key| stored.get(key).and_then(Json::as_str);
    let matches = match (text("type"), text("value")) {
        (Some("password-bcrypt" | "password"), Some(hash)) => {
            let parts = hash.parse::<bcrypt::HashParts>();
            if parts.is_ok_and(|parts| parts.get_cost() > HIGHEST_COST) {
                let what = format!("checking a bcrypt hash of a cost above {HIGHEST_COST}");
                return Err(not_yet(&what));
            }
            // A hash that is not bcrypt's, though it says so, matches nothing.
            bcrypt::verify(plain, hash).unwrap_or(false)
        }
        (Some(other), Some(_)) => return Err(not_yet(&format!("checking a {other}"))),
        _ => false,
    };
    if matches {
        Ok(())
    } else {
        Err(ApiError::new(
            ErrorCode::PASSWORD_MISMATCH,
            "the password does not match",
        ))
    }
}

/// `entity.find`, without `filter`. Unsorted results come in the order of their ids (our choice).
pub(crate) fn find(store: &Store, args: &Args) -> Result<Json, Fault> {
    refuse_filter(args)?;
    let limit = number(args, "max_results", PAGE, LARGEST_PAGE)?;
    let offset = number(args, "first_result", 0, i64::MAX)?;
    let wanted = paths(args, "attributes")?;
    let (found, total, schema) = store.read(|transaction| {
        let stored_type = find_type(transaction, &store.schemas, args)?;
        if let Some(wanted) = &wanted {
            part::check_paths(wanted, &stored_type.schema)?;
        }
        let sort = sort_keys(args, &stored_type.schema)?;
        let found = records::page(transaction, stored_type.id, &sort, offset, limit)?;
        let total = flag(args, "show_total_count")
            .then(|| records::count(transaction, stored_type.id))
            .transpose()?;
        Ok::<_, Fault>((found, total, stored_type.schema))
    })?;
    let results: Vec<Json> = found
        .iter()
        .map(|record| part::whole(record, &schema))
        .map(|whole| match &wanted {
            Some(wanted) => part::only(&whole, wanted),
            None => whole,
        })
        .collect();
    let count = i64::try_from(results.len()).expect("a page has at most 10000 records");
    let answer = ok([("result_count", count.into()), ("results", results.into())]);
    Ok(match total {
        Some(total) => with(answer, "total_count", total.into()),
        None => answer,
    })
}

/// `entity.count`, without `filter`.
pub(crate) fn count(store: &Store, args: &Args) -> Result<Json, Fault> {
    refuse_filter(args)?;
    let total = store.read(|transaction| {
        let stored_type = find_type(transaction, &store.schemas, args)?;
        Ok::<_, Fault>(records::count(transaction, stored_type.id)?)
    })?;
    Ok(ok([("total_count", total.into())]))
}

/// An empty filter is none.
fn refuse_filter(args: &Args) -> Result<(), ApiError> {
    match args.get("filter") {
        Some(filter) if !filter.trim().is_empty() => {
            Err(not_yet("`filter`").with("argument_name", "filter"))
        }
        _ => Ok(()),
    }
}

/// What `sort_on` asks for: attributes that have one value in a record, `-` before the name for descending.
fn sort_keys(args: &Args, schema: &EntityType) -> Result<Vec<(SortKey, bool)>, ApiError> {
    let wanted = strings(args, "sort_on")?.unwrap_or_default();
    if wanted.len() > SORT_KEYS {
        let why = format!("it must not name more than {SORT_KEYS} attributes");
        return Err(ApiError::invalid_argument("sort_on", &why));
    }
    wanted
        .iter()
        .map(|text| {
            let (descending, name) = text
                .strip_prefix('-')
                .map_or((false, text.as_str()), |name| (true, name));
            let path = path("sort_on", name)?;
            Ok((sort_key(&path, schema)?, descending))
        })
        .collect()
}

fn sort_key(path: &AttrPath, schema: &EntityType) -> Result<SortKey, ApiError> {
    let def = schema.get(path).ok_or_else(|| unknown_attribute(path))?;
    match path.dotted().as_str() {
        "id" => return Ok(SortKey::Id),
        "uuid" => return Ok(SortKey::Uuid),
        "created" => return Ok(SortKey::Created),
        "lastUpdated" => return Ok(SortKey::LastUpdated),
        _ => {}
    }
    let mut above = std::iter::successors(path.parent(), AttrPath::parent);
    let in_plural = above.any(|path| {
        schema
            .get(&path)
            .is_some_and(|def| matches!(def.attr_type, AttrType::Plural(_)))
    });
    let one_value = !matches!(
        def.attr_type,
        AttrType::Object(_) | AttrType::Plural(_) | AttrType::Json | AttrType::Password(_)
    );
    if in_plural || !one_value {
        let why = format!(
            "{} does not have one value to sort by in every record",
            path.slashed()
        );
        return Err(ApiError::invalid_argument("sort_on", &why));
    }
    Ok(SortKey::Body(path.definition()))
}
