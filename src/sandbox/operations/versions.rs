//! Looking back: `versions/entity` and `versions/entityType` (reference 2.11). The sandbox keeps every earlier state of a
//! record and of a schema until the type is purged or deleted.

use jiff::Timestamp;

use crate::capture::error::ApiError;
use crate::capture::json::Json;
use crate::capture::value::date;
use crate::sandbox::operations::Context;
use crate::sandbox::operations::Fault;
use crate::sandbox::operations::access;
use crate::sandbox::operations::integer;
use crate::sandbox::operations::ok;
use crate::sandbox::operations::part;
use crate::sandbox::operations::record_not_found;
use crate::sandbox::operations::unknown_type;
use crate::sandbox::store::records;
use crate::sandbox::store::types;

/// `versions/entity`: the record as it was, in the schema of that time.
pub(crate) fn entity(context: Context<'_>) -> Result<Json, Fault> {
    let id = integer(context.args, "id")?;
    let instant = instant(context)?.as_microsecond();
    let (record, schema) = context.store.read(|transaction| {
        let stored_type = context.find_type(transaction)?;
        let record =
            records::at(transaction, stored_type.id, id, instant)?.ok_or_else(record_not_found)?;
        let then = types::at(transaction, &stored_type.schema.name, instant)?
            .ok_or_else(record_not_found)?;
        let schema = access::readable_of(transaction, context.caller, stored_type.id, then)?;
        Ok::<_, Fault>((record, schema))
    })?;
    Ok(ok([("result", part::whole(&record, &schema))]))
}

/// `versions/entityType`: the schema as it was, also that of a type that is gone since.
pub(crate) fn entity_type(context: Context<'_>) -> Result<Json, Fault> {
    let name = context.args.get("type_name").unwrap_or_default();
    let instant = instant(context)?.as_microsecond();
    let schema = context
        .store
        .read(|transaction| types::at(transaction, name, instant))?
        .ok_or_else(|| unknown_type(name))?;
    Ok(ok([("schema", schema.to_json())]))
}

fn instant(context: Context<'_>) -> Result<Timestamp, ApiError> {
    let text = context
        .args
        .get("timestamp")
        .ok_or_else(|| ApiError::missing_argument("timestamp"))?;
    date::parse_date_time(text, context.now)
        .map_err(|reason| ApiError::invalid_argument("timestamp", &reason))
}

#[cfg(test)]
mod tests {
    use crate::capture::json::Json;
    use crate::sandbox::operations::testing::Desk;

    #[test]
    fn every_earlier_state_can_be_seen_again() {
        let desk = Desk::bare();
        desk.design("t", r#"[{"name":"n","type":"integer"}]"#);
        let id = desk.create("t", r#"{"n":0}"#);
        let of_record = [("type_name", "t"), ("id", id.as_str())];
        let look = |timestamp: &str| {
            let mut pairs = of_record.to_vec();
            pairs.push(("timestamp", timestamp));
            let answer = desk.call("versions/entity", &pairs);
            let n = answer
                .get("result")
                .and_then(|result| result.get("n"))
                .cloned();
            n.ok_or_else(|| answer.get("code").and_then(Json::as_i64))
        };
        let stamp = || {
            let record = desk.ok("entity", &of_record);
            let stamp = record
                .get("result")
                .and_then(|result| result.get("lastUpdated"));
            stamp.and_then(Json::as_str).expect("is a date").to_owned()
        };
        let mut stamps = vec![stamp()];
        for n in 1..4 {
            let attributes = format!(r#"{{"n":{n}}}"#);
            let mut pairs = of_record.to_vec();
            pairs.push(("attributes", &attributes));
            desk.ok("entity.update", &pairs);
            stamps.push(stamp());
        }
        for (n, stamp) in (0_i64..).zip(&stamps) {
            assert_eq!(look(stamp), Ok(n.into()), "{stamp}");
        }
        assert_eq!(look("yesterday"), Err(Some(310)));
        assert_eq!(look("some day"), Err(Some(200)));
        desk.ok("entity.delete", &of_record);
        assert_eq!(look(&stamps[3]), Ok(3.into()));
        assert_eq!(look("2026-03-01"), Err(Some(310)));
        desk.ok("entity.purge", &[("type_name", "t"), ("commit", "true")]);
        assert_eq!(look(&stamps[3]), Err(Some(310)), "purged is gone for good");
    }

    #[test]
    fn a_schema_is_known_since_it_was_made() {
        let desk = Desk::bare();
        desk.design("t", r#"[{"name":"n","type":"integer"}]"#);
        let look = |name: &str, timestamp: &str| {
            let pairs = [("type_name", name), ("timestamp", timestamp)];
            desk.code("versions/entityType", &pairs)
        };
        assert_eq!(look("t", "now"), None);
        assert_eq!(look("t", "yesterday"), Some(222));
        assert_eq!(look("nope", "now"), Some(222));
    }
}
