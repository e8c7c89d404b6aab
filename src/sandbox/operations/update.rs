//! `entity.update` and `entity.replace` (reference 2.8 and 7): merging into a record or a part of it, and putting something
//! new in its place.
//!
//! ```text
//! content ─▶ rules transform ─▶ checked and normalised ─▶ rules check, passwords hashed ─▶ applied ─▶ commit
//!            in the caller's thread, with the record as it was seen there                  in the writer's transaction
//! ```

use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Arc;

use rusqlite::Connection;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::json::MAX_DEPTH;
use crate::capture::path::AttrPath;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::validate;
use crate::capture::validate::Mode;
use crate::capture::value;
use crate::sandbox::operations::ATTEMPTS;
use crate::sandbox::operations::Context;
use crate::sandbox::operations::Fault;
use crate::sandbox::operations::access;
use crate::sandbox::operations::duplicate;
use crate::sandbox::operations::flag;
use crate::sandbox::operations::keeps_changing;
use crate::sandbox::operations::ok;
use crate::sandbox::operations::part;
use crate::sandbox::operations::path;
use crate::sandbox::operations::refused;
use crate::sandbox::operations::select;
use crate::sandbox::operations::select::Selection;
use crate::sandbox::operations::with;
use crate::sandbox::operations::written;
use crate::sandbox::passwords;
use crate::sandbox::store::records;
use crate::sandbox::store::records::StoredRecord;
use crate::sandbox::store::types;
use crate::sandbox::store::types::StoredType;

/// `entity.update` ([`Mode::Update`]) and `entity.replace` ([`Mode::Replace`]).
pub(crate) fn update(context: Context<'_>, mode: Mode) -> Result<Json, Fault> {
    let wanted = path(
        "attribute_name",
        context.args.get("attribute_name").unwrap_or_default(),
    )?;
    for attempt in 0..ATTEMPTS {
        let _turn = context.store.take_turn(attempt > 0);
        let seen = look(context)?;
        let change = prepare(context, &seen, &wanted, mode)?;
        let place = change.path.clone();
        let readable = seen.readable.clone();
        let Some(record) = apply(context, seen, change)? else {
            continue;
        };
        let answer = ok([]);
        if !flag(context.args, "include_record") {
            return Ok(answer);
        }
        let whole = part::whole(&record, &readable);
        // What was written is not always what may be read: then nothing is shown, since the change is made already.
        let result = part::at(&whole, &readable, &place).ok().cloned();
        return Ok(with(answer, "result", result.unwrap_or_default()));
    }
    Err(keeps_changing().into())
}

/// A record and its type as they were when the call came.
struct Seen {
    stored_type: StoredType,
    readable: Arc<EntityType>,
    writable: Arc<EntityType>,
    record: StoredRecord,
}

fn look(context: Context<'_>) -> Result<Seen, Fault> {
    context.store.read(|transaction| {
        let stored_type = context.find_type(transaction)?;
        let readable = access::readable(transaction, context.caller, &stored_type)?;
        let writable = access::writable(transaction, context.caller, &stored_type)?;
        let record = select::select(transaction, context.selection(), &stored_type, &readable)?;
        Ok(Seen {
            stored_type,
            readable,
            writable,
            record,
        })
    })
}

/// What to do to the record, as far as that can be known before its transaction.
struct Change {
    mode: Mode,
    /// The part it is about, every element with its plural's name.
    path: AttrPath,
    /// What to merge or to put there, in canonical spelling, passwords hashed.
    content: Json,
}

fn prepare(
    context: Context<'_>,
    seen: &Seen,
    wanted: &AttrPath,
    mode: Mode,
) -> Result<Change, Fault> {
    let Context { args, now, .. } = context;
    let schema = &seen.writable;
    // What is hidden is hidden from the rules, too: one that keeps the old value would put it into the caller's content.
    let whole = part::whole(&seen.record, schema);
    let path = part::resolve(&whole, schema, wanted)?;
    let def = schema.get(&path);
    if let Some(def) = def.filter(|def| def.is_reserved(path.0.len() == 1)) {
        let path = path.slashed();
        let description = format!("{path}: the service sets {}", def.name);
        return Err(ApiError::new(ErrorCode::RESERVED_ATTRIBUTE, description)
            .with("attribute_name", path)
            .into());
    }
    let (name, text) = match (args.get("attributes"), args.get("value")) {
        (Some(text), _) => ("attributes", text),
        (None, Some(text)) => ("value", text),
        (None, None) => return Err(ApiError::missing_argument("attributes").into()),
    };
    let element = path.0.last().is_some_and(|step| step.element.is_some());
    let mut given = read(name, text, def.filter(|_| !element))?;
    let old = part::at(&whole, schema, &path)?;
    let rules = &seen.stored_type.rules;
    rules.transform(
        &mut given,
        &path,
        schema,
        mode != Mode::Update,
        Some(old),
        now,
    );
    let normal = match def {
        None => validate::normalise(&given, schema, mode, now),
        Some(def) => validate::normalise_value(&given, def, &path, mode, now),
    };
    let mut normal = normal.map_err(refused)?;
    rules.check(&normal, &path, schema, now, mode != Mode::Update)?;
    if seen.stored_type.history_size > 0 {
        refuse_old_password(&normal, &seen.record, &path)?;
    }
    hash(&mut normal, schema, &path, context.store.bcrypt_cost)?;
    Ok(Change {
        mode,
        path,
        content: normal,
    })
}

/// The content of an argument that is meant for `def`, or for a whole record or element. A bare word is a string
/// attribute's value (reference 2.8); no text at all empties a plural, as in the documented example.
fn read(name: &str, text: &str, def: Option<&AttrDef>) -> Result<Json, ApiError> {
    match (Json::parse(text), def.map(|def| &def.attr_type)) {
        (Ok(json), _) => Ok(json),
        (Err(_), Some(AttrType::String { .. })) => Ok(text.into()),
        (Err(_), Some(AttrType::Plural(_))) if text.is_empty() => Ok(Json::Array(Vec::new())),
        (Err(_), _) => Err(ApiError::invalid_argument(
            name,
            "the JSON is not syntactically valid",
        )),
    }
}

/// Hashes the plain passwords in `content`, which is for the part at `path`.
fn hash(
    content: &mut Json,
    schema: &EntityType,
    path: &AttrPath,
    cost: u32,
) -> Result<(), ApiError> {
    let Some(def) = schema.get(path) else {
        return passwords::hash_all(content, &schema.attr_defs, cost);
    };
    if path.0.last().is_some_and(|step| step.element.is_some()) {
        return passwords::hash_all(content, def.attr_type.attr_defs(), cost);
    }
    let mut holder: Json = [(def.name.clone(), std::mem::take(content))]
        .into_iter()
        .collect();
    passwords::hash_all(&mut holder, std::slice::from_ref(def), cost)?;
    *content = holder
        .as_object_mut()
        .and_then(|members| members.swap_remove(&def.name))
        .unwrap_or_default();
    Ok(())
}

/// Refuses a plain password that the type's history remembers: only the attribute called `password` has a history.
fn refuse_old_password(
    content: &Json,
    record: &StoredRecord,
    path: &AttrPath,
) -> Result<(), ApiError> {
    let new = match path.0.as_slice() {
        [] => content.get(passwords::WITH_HISTORY),
        [only] if only.name == passwords::WITH_HISTORY => Some(content),
        _ => None,
    };
    let old = record.body.get(passwords::WITH_HISTORY);
    match (new.and_then(Json::as_str), old) {
        (Some(plain), Some(old)) if passwords::used_before(old, plain) => {
            Err(passwords::unacceptable())
        }
        _ => Ok(()),
    }
}

/// Applies a change and returns the record; `None` when what the change was made from no longer holds.
fn apply(context: Context<'_>, seen: Seen, change: Change) -> Result<Option<StoredRecord>, Fault> {
    let (args, caller, now) = (context.args.clone(), context.caller.clone(), context.now);
    context.store.write(move |transaction| {
        let selection = Selection {
            args: &args,
            caller: &caller,
            now,
        };
        if !types::is_current(transaction, &seen.stored_type)? {
            return Ok(None);
        }
        let record = select::select(transaction, selection, &seen.stored_type, &seen.readable)?;
        // Rules and the history of passwords looked at the record as it was.
        let looked = !seen.stored_type.properties.is_empty() || seen.stored_type.history_size > 0;
        if record.id != seen.record.id || (looked && record.since != seen.record.since) {
            return Ok(None);
        }
        store(transaction, selection, &seen, &record, change).map(Some)
    })
}

fn store(
    transaction: &Connection,
    selection: Selection<'_>,
    seen: &Seen,
    record: &StoredRecord,
    change: Change,
) -> Result<StoredRecord, Fault> {
    let Seen {
        stored_type,
        writable,
        ..
    } = seen;
    let mut body = records::shape(&record.body, stored_type.schema.own_attr_defs());
    let merge = Merge {
        replace: change.mode == Mode::Replace,
    };
    match writable.get(&change.path) {
        None => merge.members(&mut body, change.content, writable.own_attr_defs())?,
        Some(def) => {
            let target = part::at_mut(&mut body, &change.path)
                .ok_or_else(|| part::no_element(&change.path))?;
            if change
                .path
                .0
                .last()
                .is_some_and(|step| step.element.is_some())
            {
                merge.element(target, change.content, def.attr_type.attr_defs())?;
            } else {
                merge.value(target, change.content, def)?;
            }
        }
    }
    check_locally_unique(&body, &stored_type.schema.attr_defs)?;
    check_depth(&body)?;
    passwords::keep_history(&mut body, &record.body, stored_type);
    Ok(written(records::change(
        transaction,
        stored_type,
        record,
        body,
        selection.now.as_microsecond(),
        selection.caller.touches(),
    )?)?)
}

/// Refuses a record that could not be read again: a part that is not too deep by itself may be so at its place.
fn check_depth(body: &Json) -> Result<(), ApiError> {
    if body.depth() <= MAX_DEPTH {
        return Ok(());
    }
    let why = format!("the record would be nested more than {MAX_DEPTH} deep");
    Err(ApiError::invalid_argument("attributes", &why))
}

/// How given values come into a record (reference 7). What they come into has every attribute of the schema.
struct Merge {
    replace: bool,
}

impl Merge {
    /// The members of a record or an object: on update those given, on replace all that the caller may write.
    fn members<'a>(
        &self,
        target: &mut Json,
        mut given: Json,
        defs: impl Iterator<Item = &'a AttrDef>,
    ) -> Result<(), ApiError> {
        let (Some(target), Some(given)) = (target.as_object_mut(), given.as_object_mut()) else {
            return Ok(());
        };
        for def in defs {
            if let (Some(slot), Some(value)) =
                (target.get_mut(&def.name), given.swap_remove(&def.name))
            {
                self.value(slot, value, def)?;
            }
        }
        Ok(())
    }

    fn value(&self, target: &mut Json, given: Json, def: &AttrDef) -> Result<(), ApiError> {
        match (&def.attr_type, given) {
            (AttrType::Object(inner), given) => self.members(target, given, inner.iter()),
            (AttrType::Plural(inner), Json::Array(given)) if self.replace => {
                *target = Json::Array(Vec::new());
                append(target, given, inner)
            }
            (AttrType::Plural(inner), Json::Array(given)) => append(target, given, inner),
            (_, given) => {
                *target = given;
                Ok(())
            }
        }
    }

    /// One element that the call addresses: merged into on update, its members replaced on replace. It keeps its id.
    fn element(&self, target: &mut Json, given: Json, defs: &[AttrDef]) -> Result<(), ApiError> {
        self.members(target, given, defs.iter().filter(|def| def.name != "id"))
    }
}

/// Appends new elements; one with an id takes the place of the element that has it.
fn append(target: &mut Json, given: Vec<Json>, defs: &[AttrDef]) -> Result<(), ApiError> {
    let Json::Array(elements) = target else {
        return Ok(());
    };
    let places: HashMap<i64, usize> = elements
        .iter()
        .enumerate()
        .filter_map(|(at, element)| Some((id_of(element)?, at)))
        .collect();
    for element in given {
        let Some(id) = id_of(&element) else {
            refuse_ids(&element, defs)?;
            elements.push(element);
            continue;
        };
        let place = places.get(&id).ok_or_else(|| unknown_element(id))?;
        put_element(&mut elements[*place], element, defs)?;
    }
    Ok(())
}

fn id_of(element: &Json) -> Option<i64> {
    element.get("id")?.as_i64()
}

/// Puts what the caller may see of an element in place; the rest of the element stays.
fn put_element(target: &mut Json, mut given: Json, defs: &[AttrDef]) -> Result<(), ApiError> {
    let (Some(target), Some(given)) = (target.as_object_mut(), given.as_object_mut()) else {
        return Ok(());
    };
    for def in defs {
        let (Some(slot), Some(value)) = (target.get_mut(&def.name), given.swap_remove(&def.name))
        else {
            continue;
        };
        match (&def.attr_type, value) {
            (AttrType::Object(inner), value) => put_element(slot, value, inner)?,
            (AttrType::Plural(inner), Json::Array(value)) => put_elements(slot, value, inner)?,
            (_, value) => *slot = value,
        }
    }
    Ok(())
}

/// Puts these elements in place of those of a plural inside an element. Each with an id must have been there, once.
fn put_elements(target: &mut Json, given: Vec<Json>, defs: &[AttrDef]) -> Result<(), ApiError> {
    let Json::Array(old) = std::mem::take(target) else {
        return Ok(());
    };
    let mut old: HashMap<i64, Json> = old
        .into_iter()
        .filter_map(|element| Some((id_of(&element)?, element)))
        .collect();
    let elements = given.into_iter().map(|element| {
        let Some(id) = id_of(&element) else {
            refuse_ids(&element, defs)?;
            return Ok(element);
        };
        let mut kept = old.remove(&id).ok_or_else(|| unknown_element(id))?;
        put_element(&mut kept, element, defs)?;
        Ok(kept)
    });
    *target = Json::Array(elements.collect::<Result<_, ApiError>>()?);
    Ok(())
}

/// Refuses ids inside a new element: nothing in it can be there already.
fn refuse_ids(element: &Json, defs: &[AttrDef]) -> Result<(), ApiError> {
    match find_id(element, defs) {
        None => Ok(()),
        Some(id) => Err(ApiError::new(
            ErrorCode::ID_IN_NEW_RECORD,
            format!("a new element cannot hold the element {id}: leave the id out"),
        )),
    }
}

fn find_id(value: &Json, defs: &[AttrDef]) -> Option<i64> {
    defs.iter().find_map(|def| {
        let member = value.get(&def.name)?;
        let inner = def.attr_type.attr_defs();
        match (&def.attr_type, member) {
            (AttrType::Object(_), object) => find_id(object, inner),
            (AttrType::Plural(_), Json::Array(elements)) => elements
                .iter()
                .find_map(|one| id_of(one).or_else(|| find_id(one, inner))),
            _ => None,
        }
    })
}

/// Code 310 for a plural element that is known by its id alone. The words are our choice.
pub(crate) fn unknown_element(id: i64) -> ApiError {
    let description = format!("no such element: #{id}");
    ApiError::new(ErrorCode::RECORD_NOT_FOUND, description)
}

/// Code 361 when two elements of one plural have the same value of a `locally-unique` attribute.
pub(crate) fn check_locally_unique(value: &Json, defs: &[AttrDef]) -> Result<(), ApiError> {
    for def in defs {
        let inner = def.attr_type.attr_defs();
        match (&def.attr_type, value.get(&def.name)) {
            (AttrType::Object(_), Some(object)) => check_locally_unique(object, inner)?,
            (AttrType::Plural(_), Some(Json::Array(elements))) => {
                let mut seen = HashSet::new();
                for element in elements {
                    local_values(element, inner, &mut seen)?;
                    check_locally_unique(element, inner)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Adds the `locally-unique` values of one element, those in its objects included, to those of its plural.
fn local_values(
    value: &Json,
    defs: &[AttrDef],
    seen: &mut HashSet<(*const AttrDef, String)>,
) -> Result<(), ApiError> {
    for def in defs {
        let Some(member) = value.get(&def.name) else {
            continue;
        };
        match &def.attr_type {
            AttrType::Object(inner) => local_values(member, inner, seen)?,
            _ if def.has(&Constraint::LocallyUnique) => {
                let key = value::unique_key(member, def);
                if key.is_some_and(|key| !seen.insert((std::ptr::from_ref(def), key))) {
                    return Err(duplicate());
                }
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::capture::json::Json;
    use crate::sandbox::operations::testing::Desk;

    const TYPE: &str = r#"[
        {"name":"text","type":"string","length":10,"constraints":["required"]},
        {"name":"mail","type":"string","constraints":["unique"]},
        {"name":"count","type":"integer"},
        {"name":"place","type":"object","attr_defs":[
            {"name":"city","type":"string"},{"name":"zip","type":"string"},
            {"name":"lines","type":"plural","attr_defs":[{"name":"line","type":"string"}]}]},
        {"name":"words","type":"plural","attr_defs":[
            {"name":"word","type":"string","constraints":["locally-unique"]}]},
        {"name":"boxes","type":"plural","attr_defs":[
            {"name":"label","type":"string"},{"name":"size","type":"integer"},
            {"name":"things","type":"plural","attr_defs":[{"name":"thing","type":"string"}]}]}]"#;

    const BEGIN: &str = r#"{"text":"a","mail":"m","count":1,
        "place":{"city":"Oslo","zip":"0150","lines":[{"line":"l"}]},
        "words":[{"word":"x"},{"word":"y"}],
        "boxes":[{"label":"b","size":2,"things":[{"thing":"t"}]}]}"#;

    /// The record of [`BEGIN`] is the first of its sandbox: its ids are known.
    const ID: &str = "1";

    fn begin() -> Desk {
        let desk = Desk::bare();
        desk.design("t", TYPE);
        assert_eq!(desk.create("t", BEGIN), ID);
        desk
    }

    fn parse(text: &str) -> Json {
        Json::parse(text).expect("a test's JSON is right")
    }

    /// Sets members of [`BEGIN`] as it is stored; `changed` is an object.
    fn expected(changed: &str) -> Json {
        let mut record = parse(
            r#"{"boxes":[{"id":2,"label":"b","size":2,"things":[{"id":3,"thing":"t"}]}],"count":1,"mail":"m",
                "place":{"city":"Oslo","lines":[{"id":4,"line":"l"}],"zip":"0150"},"text":"a",
                "words":[{"id":5,"word":"x"},{"id":6,"word":"y"}]}"#,
        );
        let members = record.as_object_mut().expect("is an object");
        for (name, value) in parse(changed).as_object().expect("is an object") {
            members.insert(name.clone(), value.clone());
        }
        record
    }

    /// Reference 7, case by case: operation, path, content, what it changes, and the `result` of `include_record`, where
    /// it is not the whole record.
    #[test]
    fn records_and_parts_are_merged_and_replaced() {
        let nothing = r#"{"boxes":[],"count":null,"mail":null,"place":{"city":null,"lines":[],"zip":null},"words":[]}"#;
        let one_box = r#"{"id":2,"label":"c","size":2,"things":[{"id":3,"thing":"t"}]}"#;
        let bare_box = r#"{"id":2,"label":"c","size":null,"things":[]}"#;
        let kept_thing = r#"{"id":2,"label":null,"size":7,"things":[{"id":3,"thing":"u"},{"id":7,"thing":"v"}]}"#;
        for (operation, path, content, changed, result) in [
            ("update", "", r#"{"count":2}"#, r#"{"count":2}"#, ""),
            ("update", "/", r#"{"count":null}"#, r#"{"count":null}"#, ""),
            (
                "update",
                "",
                r#"{"place":{"zip":"1"}}"#,
                r#"{"place":{"city":"Oslo","lines":[{"id":4,"line":"l"}],"zip":"1"}}"#,
                "",
            ),
            (
                "update",
                "",
                r#"{"words":["z"]}"#,
                r#"{"words":[{"id":5,"word":"x"},{"id":6,"word":"y"},{"id":7,"word":"z"}]}"#,
                "",
            ),
            (
                "update",
                "",
                r#"{"boxes":[{"id":2,"label":"c"}]}"#,
                &format!(r#"{{"boxes":[{bare_box}]}}"#),
                "",
            ),
            (
                "update",
                "",
                r#"{"boxes":[{"id":2,"size":7,"things":[{"id":3,"thing":"u"},"v"]}]}"#,
                &format!(r#"{{"boxes":[{kept_thing}]}}"#),
                "",
            ),
            (
                "update",
                "/boxes#2",
                r#"{"label":"c"}"#,
                &format!(r#"{{"boxes":[{one_box}]}}"#),
                one_box,
            ),
            (
                "update",
                "/#2",
                r#"{"label":"c"}"#,
                &format!(r#"{{"boxes":[{one_box}]}}"#),
                one_box,
            ),
            (
                "replace",
                "boxes#2",
                r#"{"label":"c"}"#,
                &format!(r#"{{"boxes":[{bare_box}]}}"#),
                bare_box,
            ),
            ("update", "text", "Fred", r#"{"text":"Fred"}"#, r#""Fred""#),
            ("update", "text", r#""B""#, r#"{"text":"B"}"#, r#""B""#),
            (
                "update",
                "/boxes#2/label",
                "bare",
                r#"{"boxes":[{"id":2,"label":"bare","size":2,"things":[{"id":3,"thing":"t"}]}]}"#,
                r#""bare""#,
            ),
            (
                "update",
                "/words",
                r#"["z"]"#,
                r#"{"words":[{"id":5,"word":"x"},{"id":6,"word":"y"},{"id":7,"word":"z"}]}"#,
                r#"[{"id":5,"word":"x"},{"id":6,"word":"y"},{"id":7,"word":"z"}]"#,
            ),
            (
                "replace",
                "/words",
                r#"["x"]"#,
                r#"{"words":[{"id":7,"word":"x"}]}"#,
                r#"[{"id":7,"word":"x"}]"#,
            ),
            ("replace", "words", "[]", r#"{"words":[]}"#, "[]"),
            ("replace", "words", "", r#"{"words":[]}"#, "[]"),
            ("replace", "words", "null", r#"{"words":[]}"#, "[]"),
            (
                "replace",
                "/place",
                r#"{"zip":"1"}"#,
                r#"{"place":{"city":null,"lines":[],"zip":"1"}}"#,
                r#"{"city":null,"lines":[],"zip":"1"}"#,
            ),
            (
                "update",
                "/place/lines",
                r#"[{"line":"k"}]"#,
                r#"{"place":{"city":"Oslo","lines":[{"id":4,"line":"l"},{"id":7,"line":"k"}],"zip":"0150"}}"#,
                r#"[{"id":4,"line":"l"},{"id":7,"line":"k"}]"#,
            ),
            ("replace", "", r#"{"text":"a"}"#, nothing, ""),
        ] {
            for argument in ["attributes", "value"] {
                let desk = begin();
                let pairs = [
                    ("type_name", "t"),
                    ("id", ID),
                    ("attribute_name", path),
                    (argument, content),
                    ("include_record", "true"),
                ];
                let answer = desk.ok(&format!("entity.{operation}"), &pairs);
                let case = format!("{operation} {path} {argument}={content}");
                assert_eq!(desk.own("t", ID), expected(changed), "{case}");
                if !result.is_empty() {
                    assert_eq!(answer.get("result"), Some(&parse(result)), "{case}");
                }
            }
        }
    }

    #[test]
    fn what_does_not_fit_changes_nothing() {
        for (operation, path, content, code) in [
            ("update", "", r#"{"text":null}"#, 362),
            ("update", "", r#"{"text":"far too long"}"#, 363),
            ("update", "", r#"{"nope":1}"#, 223),
            ("update", "/place/nope", "1", 223),
            ("update", "", r#"{"id":7}"#, 234),
            ("update", "lastUpdated", r#""now""#, 234),
            ("update", "/words#5/id", "9", 234),
            ("update", "", "{", 200),
            ("update", "count", "many", 200),
            ("update", "count", r#""many""#, 341),
            ("update", "", r#"{"words":["x"]}"#, 361),
            ("update", "/words#5", r#"{"word":"y"}"#, 361),
            ("update", "", r#"{"boxes":[{"id":99,"label":"c"}]}"#, 310),
            ("update", "", r#"{"boxes":[{"id":5,"label":"c"}]}"#, 310),
            (
                "update",
                "",
                r#"{"boxes":[{"id":2,"things":[{"id":5}]}]}"#,
                310,
            ),
            (
                "update",
                "",
                r#"{"boxes":[{"id":2,"things":[{"id":3},{"id":3}]}]}"#,
                310,
            ),
            ("update", "", r#"{"boxes":[{"things":[{"id":3}]}]}"#, 320),
            ("update", "/boxes#99", "{}", 310),
            ("update", "/#99", "{}", 310),
            ("update", "/boxes/label", r#""c""#, 200),
            ("replace", "", "{}", 362),
            (
                "replace",
                "",
                r#"{"text":"a","words":[{"id":5,"word":"x"}]}"#,
                320,
            ),
            ("replace", "words", "5", 341),
        ] {
            let desk = begin();
            let before = desk.ok("entity", &[("type_name", "t"), ("id", ID)]);
            let pairs = [
                ("type_name", "t"),
                ("id", ID),
                ("attribute_name", path),
                ("attributes", content),
            ];
            let case = format!("{operation} {path} {content}");
            assert_eq!(
                desk.code(&format!("entity.{operation}"), &pairs),
                Some(code),
                "{case}"
            );
            let after = desk.ok("entity", &[("type_name", "t"), ("id", ID)]);
            assert_eq!(after, before, "{case}");
        }
    }

    #[test]
    fn unique_values_move_with_their_records() {
        let desk = begin();
        let other = desk.create("t", r#"{"text":"b","mail":"n"}"#);
        let set = |id: &str, mail: &str| {
            let attributes = format!(r#"{{"mail":{mail}}}"#);
            let pairs = [("type_name", "t"), ("id", id), ("attributes", &attributes)];
            desk.code("entity.update", &pairs)
        };
        assert_eq!(set(&other, r#""m""#), Some(361));
        assert_eq!(set(ID, "null"), None);
        assert_eq!(set(&other, r#""m""#), None);
        assert_eq!(set(ID, r#""n""#), None);
        let by_key = [
            ("type_name", "t"),
            ("key_attribute", "mail"),
            ("key_value", r#""n""#),
            ("attribute_name", "id"),
        ];
        let found = desk.ok("entity", &by_key);
        assert_eq!(
            found.get("result").map(Json::to_string).as_deref(),
            Some(ID)
        );
    }

    #[test]
    fn every_change_is_later_than_the_one_before() {
        let desk = begin();
        let view = [
            ("type_name", "t"),
            ("id", ID),
            ("attribute_name", "lastUpdated"),
        ];
        let stamp = || {
            desk.ok("entity", &view)
                .get("result")
                .cloned()
                .expect("is a date")
        };
        let mut last = stamp();
        for round in 0..20 {
            let text = last.as_str().expect("is text").to_owned();
            let attributes = format!(r#"{{"count":{round}}}"#);
            let pairs = [
                ("type_name", "t"),
                ("id", ID),
                ("lastUpdated", text.as_str()),
                ("attributes", &attributes),
            ];
            desk.ok("entity.update", &pairs);
            assert_eq!(desk.code("entity.update", &pairs), Some(330));
            let next = stamp();
            assert!(next.as_str() > last.as_str(), "{next} after {last}");
            last = next;
        }
    }

    /// Without taking turns most of them would begin again and again, and in the end be refused.
    #[test]
    fn many_callers_change_one_record_under_a_rule() {
        const CALLERS: usize = 16;
        const CALLS: usize = 8;
        let desk = begin();
        let rule = [
            ("type_name", "t"),
            ("attributes", r#"["mail"]"#),
            ("definition", r#""to-lower""#),
        ];
        desk.ok("entityType.addRule", &rule);
        std::thread::scope(|scope| {
            for caller in 0..CALLERS {
                let desk = &desk;
                scope.spawn(move || {
                    for call in 0..CALLS {
                        let word = format!(r#"{{"words":["{caller}-{call}"]}}"#);
                        let pairs = [("type_name", "t"), ("id", ID), ("attributes", &word)];
                        desk.ok("entity.update", &pairs);
                    }
                });
            }
        });
        let record = desk.own("t", ID);
        let words = record.get("words").and_then(Json::as_array);
        assert_eq!(words.map(<[_]>::len), Some(2 + CALLERS * CALLS));
    }

    #[test]
    fn a_record_does_not_become_too_deep_to_be_read() {
        let desk = Desk::bare();
        let attr_defs =
            r#"[{"name":"o","type":"object","attr_defs":[{"name":"any","type":"json"}]}]"#;
        desk.design("d", attr_defs);
        let id = desk.create("d", "{}");
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        for (depth, code) in [(127, Some(200)), (126, None)] {
            let pairs = [
                ("type_name", "d"),
                ("id", id.as_str()),
                ("attribute_name", "o.any"),
                ("attributes", &nested(depth)),
            ];
            assert_eq!(desk.code("entity.update", &pairs), code, "{depth}");
            desk.own("d", &id);
        }
    }
}
