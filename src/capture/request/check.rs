//! The check of a call's arguments against its row of the endpoint table: the same before sending and on receipt.

use crate::capture::endpoint::ParamKind;
use crate::capture::endpoint::ParamSpec;
use crate::capture::endpoint::Required;
use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::request::ApiRequest;
use crate::capture::request::Args;
use crate::capture::request::truth;

/// The documented reason for text that must be JSON and is not (reference 1.2).
const NOT_JSON: &str = "the JSON is not syntactically valid";

impl ApiRequest {
    /// Checks the arguments: whether the required ones are there (100), whether they contradict each other (201), and
    /// whether each has the form of its kind (200). `token` says that the call is made with an access token, which
    /// takes the place of `type_name` and the record selectors and makes them ignored (reference 2.2).
    ///
    /// Arguments that the table does not know are ignored, as by the service. That absent arguments are reported before
    /// malformed ones, each in the order of the table, is our choice, and so are the reasons but that for bad JSON.
    pub fn check(&self, token: bool) -> Result<(), ApiError> {
        self.read(token).map(drop)
    }

    /// Checks as [`ApiRequest::check`] does, and returns the arguments that must be JSON, which had to be read for that.
    pub(crate) fn read(&self, token: bool) -> Result<Vec<(&'static str, Json)>, ApiError> {
        let params = self.endpoint.spec().params;
        let has = |required| params.iter().any(|param| param.required == required);
        for param in params {
            let required = match param.required {
                Required::Yes => true,
                Required::WithClient => !token,
                Required::Selector | Required::Content | Required::No => false,
            };
            if required && self.args.get(param.name).is_none() {
                return Err(ApiError::missing_argument(param.name));
            }
        }
        if !token && has(Required::Selector) {
            check_selectors(&self.args)?;
        }
        if has(Required::Content) {
            check_content(&self.args)?;
        }
        let mut read = Vec::new();
        for param in params {
            if token && param.required == Required::Selector {
                continue;
            }
            if let Some(value) = self.args.get(param.name) {
                let json = check_value(param, value, &self.args)?;
                read.extend(json.map(|json| (param.name, json)));
            }
        }
        Ok(read)
    }
}

/// Exactly one way of choosing the record. None is the documented 100 for `uuid`.
fn check_selectors(args: &Args) -> Result<(), ApiError> {
    let given = |name| args.get(name).is_some();
    let by_key = given("key_attribute") || given("key_value");
    match usize::from(given("uuid")) + usize::from(given("id")) + usize::from(by_key) {
        0 => Err(ApiError::missing_argument("uuid")),
        1 if by_key && !given("key_attribute") => Err(ApiError::missing_argument("key_attribute")),
        1 if by_key && !given("key_value") => Err(ApiError::missing_argument("key_value")),
        1 => Ok(()),
        _ => Err(ApiError::new(
            ErrorCode::DUPLICATE_ARGUMENT,
            "only one of uuid, id and key_attribute with key_value may be given",
        )),
    }
}

/// Exactly one of the synonyms `attributes` and `value` (reference 2.8, our choice).
fn check_content(args: &Args) -> Result<(), ApiError> {
    match (args.get("attributes"), args.get("value")) {
        (None, None) => Err(ApiError::missing_argument("attributes")),
        (Some(_), Some(_)) => Err(ApiError::new(
            ErrorCode::DUPLICATE_ARGUMENT,
            "only one of attributes and value may be given",
        )),
        _ => Ok(()),
    }
}

/// The value, where it must be JSON.
fn check_value(param: &ParamSpec, value: &str, args: &Args) -> Result<Option<Json>, ApiError> {
    let expected = match param.kind {
        // Dates are read where they are used: their spellings are many, and words such as `yesterday` need a clock.
        ParamKind::Text | ParamKind::DateTime => return Ok(None),
        ParamKind::Bool if truth(value).is_some() => return Ok(None),
        ParamKind::Bool => {
            return Err(ApiError::invalid_argument(
                param.name,
                "it must be true or false",
            ));
        }
        ParamKind::Integer if value.trim().parse::<i64>().is_ok() => return Ok(None),
        ParamKind::Integer => {
            return Err(ApiError::invalid_argument(
                param.name,
                "it must be a whole number",
            ));
        }
        ParamKind::JsonOrText if names_a_part(args) => return Ok(None),
        ParamKind::Json | ParamKind::JsonOrText => None,
        ParamKind::JsonArray => Some("array"),
        ParamKind::JsonObject => Some("object"),
    };
    let json = Json::parse(value).map_err(|_| ApiError::invalid_argument(param.name, NOT_JSON))?;
    match expected {
        Some(kind) if json.kind() != kind => Err(ApiError::invalid_argument(
            param.name,
            &format!("the JSON is of type {}, not {kind}", json.kind()),
        )),
        _ => Ok(Some(json)),
    }
}

/// Whether `attribute_name` restricts the call to a part, whose type decides whether bare text is acceptable.
fn names_a_part(args: &Args) -> bool {
    args.get("attribute_name")
        .is_some_and(|path| !matches!(path, "" | "/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::endpoint::Endpoint;

    fn check(endpoint: Endpoint, form: &str, token: bool) -> Result<(), ApiError> {
        let args = Args::from_form(form.as_bytes());
        ApiRequest {
            args,
            ..ApiRequest::new(endpoint)
        }
        .check(token)
    }

    /// `ok`, or the code and the argument of the error.
    fn verdict(endpoint: Endpoint, form: &str, token: bool) -> String {
        match check(endpoint, form, token) {
            Ok(()) => "ok".to_owned(),
            Err(error) => format!("{} {}", error.code, error.argument_name().unwrap_or("-")),
        }
    }

    #[test]
    fn the_documented_texts() {
        let error = check(Endpoint::EntityView, "type_name=user", false).expect_err("no selector");
        assert_eq!(error.description, "missing required argument: uuid");
        let broken = r#"type_name=user&attributes={"a":"#;
        let error = check(Endpoint::EntityCreate, broken, false).expect_err("broken JSON");
        assert_eq!(
            error.description,
            "attributes was not valid for the following reason: the JSON is not syntactically valid"
        );
        assert_eq!(
            (error.code.0, error.argument_name()),
            (200, Some("attributes"))
        );
    }

    #[test]
    fn a_record_is_selected_in_exactly_one_way() {
        for (form, expected) in [
            ("", "100 type_name"),
            ("type_name=user", "100 uuid"),
            ("type_name=user&uuid=x", "ok"),
            ("type_name=user&id=7", "ok"),
            (
                r#"type_name=user&key_attribute=email&key_value="a@b.c""#,
                "ok",
            ),
            (
                "type_name=user&key_attribute=email&key_value=a@b.c",
                "200 key_value",
            ),
            ("type_name=user&key_attribute=email", "100 key_value"),
            ("type_name=user&key_value=1", "100 key_attribute"),
            ("type_name=user&id=7&uuid=x", "201 -"),
            ("type_name=user&id=7&key_value=1", "201 -"),
            ("type_name=user&id=seven", "200 id"),
        ] {
            assert_eq!(
                verdict(Endpoint::EntityView, form, false),
                expected,
                "{form}"
            );
        }
        // An access token selects its own record, and what would select another is ignored.
        for form in ["", "id=x&uuid=y"] {
            assert_eq!(verdict(Endpoint::EntityView, form, true), "ok", "{form}");
        }
    }

    #[test]
    fn required_arguments_are_named_and_unknown_ones_ignored() {
        for (endpoint, form, expected) in [
            (Endpoint::EntityCreate, "type_name=user", "100 attributes"),
            (
                Endpoint::EntityBulkCreate,
                "all_attributes=[]",
                "100 type_name",
            ),
            (Endpoint::TypeList, "application_id=x&apiKey={", "ok"),
            (Endpoint::ClientsResetSecret, "", "ok"),
            (Endpoint::ClientsDelete, "", "100 client_id_for_deletion"),
            (Endpoint::SettingsSet, "key=a", "100 value"),
        ] {
            assert_eq!(
                verdict(endpoint, form, false),
                expected,
                "{endpoint} {form}"
            );
        }
    }

    #[test]
    fn values_have_the_form_of_their_kind() {
        for (argument, expected) in [
            (r#"attributes=["a.b"]"#, "ok"),
            (r#"attributes={"a":1}"#, "200 attributes"),
            ("attributes=a", "200 attributes"),
            ("attributes=", "200 attributes"),
            ("sort_on=[]", "ok"),
            ("max_results=10", "ok"),
            ("max_results=-1", "ok"),
            ("max_results=ten", "200 max_results"),
            ("max_results=1.5", "200 max_results"),
            ("max_results=99999999999999999999", "200 max_results"),
            ("show_total_count=true", "ok"),
            ("show_total_count=True", "ok"),
            ("show_total_count=FALSE", "ok"),
            ("show_total_count=yes", "200 show_total_count"),
            ("show_total_count=1", "200 show_total_count"),
            ("show_total_count=", "200 show_total_count"),
            ("filter=anything at ALL (", "ok"),
        ] {
            let form = format!("type_name=user&{argument}");
            assert_eq!(
                verdict(Endpoint::EntityFind, &form, false),
                expected,
                "{form}"
            );
        }
    }

    #[test]
    fn bare_text_is_accepted_only_for_a_part() {
        for (content, expected) in [
            ("value=Fred", "200 value"),
            ("value=Fred&attribute_name=/", "200 value"),
            ("value=Fred&attribute_name=givenName", "ok"),
            ("attributes=&attribute_name=statuses", "ok"),
            (r#"value={"a":1}"#, "ok"),
            ("", "100 attributes"),
            ("value=1&attributes={}", "201 -"),
        ] {
            let form = format!("type_name=user&id=1&{content}");
            assert_eq!(
                verdict(Endpoint::EntityUpdate, &form, false),
                expected,
                "{form}"
            );
        }
        let bare = r#"type_name=user&attribute_name=a&description=The "name""#;
        assert_eq!(
            verdict(Endpoint::TypeSetAttributeDescription, bare, false),
            "ok"
        );
    }
}
