//! `entityType.setPasswordSettings` (reference 3): how many old passwords a type remembers. What follows from it when a
//! password changes is not decided here.

use crate::capture::error::ApiError;
use crate::capture::json::Json;
use crate::sandbox::operations::Context;
use crate::sandbox::operations::Fault;
use crate::sandbox::operations::entity_type;
use crate::sandbox::operations::json;
use crate::sandbox::operations::ok;
use crate::sandbox::operations::unknown_type;
use crate::sandbox::store::types;

/// The most old passwords that can be remembered (documented).
const LONGEST_HISTORY: i64 = 10;

/// Answers the number that holds now: 0 also for null, which means the same.
pub(crate) fn set(context: Context<'_>) -> Result<Json, Fault> {
    let name = entity_type::type_name(context)?.to_owned();
    let settings =
        json(context.args, "settings")?.ok_or_else(|| ApiError::missing_argument("settings"))?;
    let size = history_size(&settings)?;
    context.store.write(move |transaction| {
        let stored_type = types::find(transaction, &name)?.ok_or_else(|| unknown_type(&name))?;
        types::set_history_size(transaction, stored_type.id, size)?;
        Ok::<_, Fault>(())
    })?;
    let settings = [("historySize", Json::from(size))].into_iter().collect();
    Ok(ok([("settings", settings)]))
}

/// Members beside `historySize` are ignored, as unknown arguments are.
fn history_size(settings: &Json) -> Result<i64, ApiError> {
    let size = match settings.get("historySize") {
        Some(Json::Null) => Some(0),
        given => given.and_then(Json::as_i64),
    };
    size.filter(|size| (0..=LONGEST_HISTORY).contains(size))
        .ok_or_else(|| {
            let why = format!(
                "`historySize` must be a whole number from 0 to {LONGEST_HISTORY}, or null"
            );
            ApiError::invalid_argument("settings", &why)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::operations::testing::Desk;
    use crate::sandbox::operations::testing::parse;

    #[test]
    fn the_history_has_a_size_from_0_to_10() {
        let desk = Desk::new();
        let set = "entityType.setPasswordSettings";
        let size = || {
            let found = desk
                .store
                .read(|transaction| types::find(transaction, "user"));
            found.expect("reads").expect("is there").history_size
        };
        for (given, kept) in [("7", 7), ("0", 0), ("10", 10), ("null", 0)] {
            let settings = format!(r#"{{"historySize":{given}}}"#);
            let answer = desk.ok(set, &[("type_name", "user"), ("settings", &settings)]);
            let expected = format!(r#"{{"settings":{{"historySize":{kept}}},"stat":"ok"}}"#);
            assert_eq!(answer, parse(&expected));
            assert_eq!(size(), kept);
        }
        desk.ok(
            set,
            &[("type_name", "user"), ("settings", r#"{"historySize":3}"#)],
        );
        for wrong in [
            "7",
            "{}",
            "{",
            r#"{"historySize":11}"#,
            r#"{"historySize":-1}"#,
            r#"{"historySize":"7"}"#,
            r#"{"historySize":1.5}"#,
            r#"{"history_size":7}"#,
        ] {
            let (code, words) = desk.refused(set, &[("type_name", "user"), ("settings", wrong)]);
            assert_eq!(code, 200, "{wrong}");
            assert!(words.contains("settings"), "{words}");
        }
        assert_eq!(size(), 3);
        let settings = [("type_name", "nope"), ("settings", r#"{"historySize":1}"#)];
        assert_eq!(desk.refused(set, &settings).0, 222);
    }
}
