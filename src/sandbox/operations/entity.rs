//! Reading records: `entity`, `entity.find` and `entity.count` (reference 2.3–2.5).

use std::time::Instant;

use crate::capture::attr_type::AttrType;
use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::request::Args;
use crate::capture::schema::EntityType;
use crate::sandbox::filter;
use crate::sandbox::operations::Context;
use crate::sandbox::operations::Fault;
use crate::sandbox::operations::Progress;
use crate::sandbox::operations::access;
use crate::sandbox::operations::flag;
use crate::sandbox::operations::named::Named;
use crate::sandbox::operations::number;
use crate::sandbox::operations::ok;
use crate::sandbox::operations::part;
use crate::sandbox::operations::path;
use crate::sandbox::operations::paths;
use crate::sandbox::operations::seconds;
use crate::sandbox::operations::select;
use crate::sandbox::operations::strings;
use crate::sandbox::operations::texts;
use crate::sandbox::operations::unbearable;
use crate::sandbox::operations::unknown_attribute;
use crate::sandbox::operations::with;
use crate::sandbox::passwords;
use crate::sandbox::store::records;
use crate::sandbox::store::records::Page;
use crate::sandbox::store::records::SortKey;

/// `max_results` when it is not given.
const PAGE: i64 = 100;

/// The most that `max_results` may ask for; more is code 200. Whether the service caps or refuses is not known.
const LARGEST_PAGE: i64 = 10_000;

/// The most bytes that the records of a page may have together, as they are stored. Our choice: in memory they take a
/// multiple of that.
const LARGEST_ANSWER: usize = 128 << 20;

/// The most attributes that `sort_on` may name. Our choice.
const SORT_KEYS: usize = 16;

/// `entity`.
pub(crate) fn view(context: Context<'_>) -> Result<Json, Fault> {
    let args = context.args;
    let (record, schema) = context.store.read(|transaction| {
        let stored_type = context.find_type(transaction)?;
        let schema = access::readable(transaction, context.caller, &stored_type)?;
        let record = select::select(transaction, context.selection(), &stored_type, &schema)?;
        Ok::<_, Fault>((record, schema))
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
        (None, Some(wanted)) => part::only(&whole, &Named::new(&wanted)),
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
    if passwords::verify(stored, plain)? {
        Ok(())
    } else {
        Err(ApiError::new(
            ErrorCode::PASSWORD_MISMATCH,
            "the password does not match",
        ))
    }
}

/// `entity.find`. Unsorted results come in the order of their ids (our choice).
pub(crate) fn find(context: Context<'_>) -> Result<Progress, Fault> {
    let args = context.args;
    let deadline = Instant::now() + seconds(args)?;
    let limit = number(args, "max_results", PAGE, LARGEST_PAGE)?;
    let offset = number(args, "first_result", 0, i64::MAX)?;
    let wanted = paths(args, "attributes")?;
    if wanted.is_none() {
        return find_whole(context, deadline, limit, offset);
    }
    let read = context.store.read_until(deadline, |transaction| {
        let stored_type = context.find_type(transaction)?;
        let schema = access::readable(transaction, context.caller, &stored_type)?;
        if let Some(wanted) = &wanted {
            part::check_paths(wanted, &schema)?;
        }
        let sort = sort_keys(args, &schema)?;
        let filter = args.get("filter").unwrap_or_default();
        let filter = filter::compile(filter, &schema, 2, context.now)?;
        let page = Page {
            offset,
            limit,
            bytes: LARGEST_ANSWER,
            until: deadline,
        };
        let found = records::page(transaction, stored_type.id, &filter, &sort, page)?;
        let total = flag(args, "show_total_count")
            .then(|| records::count(transaction, stored_type.id, &filter))
            .transpose()?;
        Ok::<_, Fault>((found, total, schema))
    });
    let (found, total, schema) = read.map_err(unbearable)?;
    let named = wanted.as_deref().map(Named::new);
    let results: Vec<Json> = found
        .iter()
        .map(|record| part::whole(record, &schema))
        .map(|whole| match &named {
            Some(named) => part::only(&whole, named),
            None => whole,
        })
        .collect();
    let count = i64::try_from(results.len()).expect("a page has at most 10000 records");
    let answer = ok([("result_count", count.into()), ("results", results.into())]);
    Ok(Progress::Done(match total {
        Some(total) => with(answer, "total_count", total.into()),
        None => answer,
    }))
}

/// `entity.find` of whole records, which are written as texts: that is how everybody reads who reads them all.
fn find_whole(
    context: Context<'_>,
    deadline: Instant,
    limit: i64,
    offset: i64,
) -> Result<Progress, Fault> {
    let args = context.args;
    let mut results = Vec::new();
    let mut count = 0_u64;
    let read = context.store.read_until(deadline, |transaction| {
        let stored_type = context.find_type(transaction)?;
        let schema = access::readable(transaction, context.caller, &stored_type)?;
        let sort = sort_keys(args, &schema)?;
        let filter = args.get("filter").unwrap_or_default();
        let filter = filter::compile(filter, &schema, 2, context.now)?;
        let page = Page {
            offset,
            limit,
            bytes: LARGEST_ANSWER,
            until: deadline,
        };
        records::page_of_texts(
            transaction,
            stored_type.id,
            &filter,
            &sort,
            page,
            |record| {
                if count > 0 {
                    results.push(b',');
                }
                count += 1;
                texts::push_whole(record, &schema, &mut results).is_some()
            },
        )?;
        let total = flag(args, "show_total_count")
            .then(|| records::count(transaction, stored_type.id, &filter))
            .transpose()?;
        Ok::<_, Fault>(total)
    });
    let total = read.map_err(unbearable)?;
    // What the database gives as text is text.
    let results = String::from_utf8(results).unwrap_or_default();
    let total = total.map_or(String::new(), |total| format!(r#","total_count":{total}"#));
    Ok(Progress::Text(format!(
        r#"{{"result_count":{count},"results":[{results}],"stat":"ok"{total}}}"#
    )))
}

/// `entity.count`.
pub(crate) fn count(context: Context<'_>) -> Result<Json, Fault> {
    let deadline = Instant::now() + seconds(context.args)?;
    let total = context.store.read_until(deadline, |transaction| {
        let stored_type = context.find_type(transaction)?;
        let schema = access::readable(transaction, context.caller, &stored_type)?;
        let filter = context.args.get("filter").unwrap_or_default();
        let filter = filter::compile(filter, &schema, 2, context.now)?;
        Ok::<_, Fault>(records::count(transaction, stored_type.id, &filter)?)
    });
    Ok(ok([("total_count", total.map_err(unbearable)?.into())]))
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

#[cfg(test)]
mod tests {
    use std::time::Duration;
    use std::time::Instant;

    use crate::capture::error::ErrorCode;
    use crate::sandbox::filter::Condition;
    use crate::sandbox::operations::Fault;
    use crate::sandbox::operations::testing::Desk;
    use crate::sandbox::operations::unbearable;
    use crate::sandbox::store::records;
    use crate::sandbox::store::records::Page;
    use crate::sandbox::store::types;

    #[test]
    fn a_page_that_is_too_large_is_no_more_read_than_it_may_be() {
        let desk = Desk::bare();
        desk.design("t", r#"[{"name":"a","type":"string"}]"#);
        for _ in 0..3 {
            desk.create("t", r#"{"a":"0123456789"}"#);
        }
        let page = |limit, bytes, seconds| {
            desk.store.read(|transaction| {
                let stored_type = types::find(transaction, "t")?.expect("is there");
                let all = Condition {
                    sql: "1".to_owned(),
                    params: Vec::new(),
                };
                let page = Page {
                    offset: 0,
                    limit,
                    bytes,
                    until: Instant::now() + Duration::from_secs(seconds),
                };
                let found = records::page(transaction, stored_type.id, &all, &[], page)?;
                Ok::<_, Fault>(found.len())
            })
        };
        let one = r#"{"a":"0123456789"}"#.len();
        assert_eq!(page(3, 3 * one, 60).expect("fits"), 3);
        assert_eq!(page(2, 2 * one, 60).expect("fits"), 2);
        for (bytes, seconds, words) in [(3 * one - 1, 60, "too large"), (3 * one, 0, "timeout")] {
            let fault = page(3, bytes, seconds).expect_err("is too much");
            let Fault::Api(error) = unbearable(fault) else {
                panic!("it is the caller's fault");
            };
            assert_eq!(error.code, ErrorCode::TIMEOUT);
            assert!(error.description.contains(words), "{}", error.description);
        }
    }
}
