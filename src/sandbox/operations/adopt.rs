//! `entity.adopt` (reference 2.11): a plural element that has no record any more comes into one. In the sandbox an element
//! is orphaned when it, or its record, was deleted or replaced, and keeps its id (our choice; how the service makes
//! orphans is not known).

use crate::capture::attr_type::AttrType;
use crate::capture::error::ApiError;
use crate::capture::json::Json;
use crate::sandbox::operations::ATTEMPTS;
use crate::sandbox::operations::Context;
use crate::sandbox::operations::Fault;
use crate::sandbox::operations::access;
use crate::sandbox::operations::integer;
use crate::sandbox::operations::keeps_changing;
use crate::sandbox::operations::ok;
use crate::sandbox::operations::part;
use crate::sandbox::operations::path;
use crate::sandbox::operations::record_not_found;
use crate::sandbox::operations::update;
use crate::sandbox::operations::written;
use crate::sandbox::store::records;
use crate::sandbox::store::types;

/// `entity.adopt`.
pub(crate) fn adopt(context: Context<'_>) -> Result<Json, Fault> {
    let id = integer(context.args, "id")?;
    let child = integer(context.args, "child_id")?;
    let name = context.args.get("attribute_name").unwrap_or_default();
    let wanted = path("attribute_name", name)?;
    for _ in 0..ATTEMPTS {
        let (stored_type, writable) = context.store.read(|transaction| {
            let stored_type = context.find_type(transaction)?;
            let writable = access::writable(transaction, context.caller, &stored_type)?;
            Ok::<_, Fault>((stored_type, writable))
        })?;
        let wanted = wanted.clone();
        let (now, touch) = (context.micros(), context.caller.touches());
        let done = context.store.write(move |transaction| {
            if !types::is_current(transaction, &stored_type)? {
                return Ok(false);
            }
            let record =
                records::by_id(transaction, stored_type.id, id)?.ok_or_else(record_not_found)?;
            let whole = part::whole(&record, &stored_type.schema);
            let plural = part::resolve(&whole, &writable, &wanted)?;
            let is_plural = writable
                .get(&plural)
                .is_some_and(|def| matches!(def.attr_type, AttrType::Plural(_)))
                && plural.0.last().is_some_and(|step| step.element.is_none());
            if !is_plural {
                let why = "it must name a plural, which receives the element";
                return Err(ApiError::invalid_argument("attribute_name", why).into());
            }
            let definition = plural.definition();
            let element = records::take_orphan(transaction, stored_type.id, &definition, child)?
                .ok_or_else(|| update::unknown_element(child))?;
            let mut body = records::shape(&record.body, stored_type.schema.own_attr_defs());
            if let Some(Json::Array(elements)) = part::at_mut(&mut body, &plural) {
                elements.push(element);
            }
            update::check_locally_unique(&body, &stored_type.schema.attr_defs)?;
            written(records::change(
                transaction,
                &stored_type,
                &record,
                body,
                now,
                touch,
            )?)?;
            Ok::<_, Fault>(true)
        })?;
        if done {
            return Ok(ok([]));
        }
    }
    Err(keeps_changing().into())
}

#[cfg(test)]
mod tests {
    use crate::sandbox::operations::testing::Desk;

    const TYPE: &str = r#"[
        {"name":"other","type":"plural","attr_defs":[{"name":"word","type":"string"}]},
        {"name":"words","type":"plural","attr_defs":[{"name":"word","type":"string"},
            {"name":"parts","type":"plural","attr_defs":[{"name":"part","type":"string"}]}]}]"#;

    #[test]
    fn an_orphan_comes_into_a_record_once() {
        let desk = Desk::bare();
        desk.design("t", TYPE);
        let first = desk.create(
            "t",
            r#"{"words":[{"word":"x","parts":["p"]},{"word":"y"}]}"#,
        );
        let second = desk.create("t", "{}");
        let adopt = |record: &str, plural: &str, child: &str| {
            let pairs = [
                ("type_name", "t"),
                ("id", record),
                ("attribute_name", plural),
                ("child_id", child),
            ];
            desk.code("entity.adopt", &pairs)
        };
        assert_eq!(adopt(&second, "/words", "2"), Some(310), "it has a record");
        desk.ok("entity.delete", &[("type_name", "t"), ("id", &first)]);
        assert_eq!(
            adopt(&second, "/other", "2"),
            Some(310),
            "of another plural"
        );
        assert_eq!(
            adopt(&second, "/words", "3"),
            Some(310),
            "inside another orphan"
        );
        assert_eq!(adopt(&second, "/nope", "2"), Some(223));
        assert_eq!(adopt(&second, "/", "2"), Some(200));
        assert_eq!(adopt(&first, "/words", "2"), Some(310), "no such record");
        assert_eq!(adopt(&second, "/words", "2"), None);
        assert_eq!(adopt(&second, "/words", "2"), Some(310), "taken");
        let words = r#"{"other":[],"words":[{"id":2,"parts":[{"id":3,"part":"p"}],"word":"x"}]}"#;
        assert_eq!(desk.own("t", &second).to_string(), words);
        // Replacing orphans as well, and what is inside an element can come back into another.
        let replace = [
            ("type_name", "t"),
            ("id", second.as_str()),
            ("attribute_name", "/words#2"),
            ("attributes", r#"{"word":"z"}"#),
        ];
        desk.ok("entity.replace", &replace);
        assert_eq!(adopt(&second, "/words#2/parts", "3"), None);
        let words = r#"{"other":[],"words":[{"id":2,"parts":[{"id":3,"part":"p"}],"word":"z"}]}"#;
        assert_eq!(desk.own("t", &second).to_string(), words);
    }
}
