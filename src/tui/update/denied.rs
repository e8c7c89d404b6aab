//! What a refused call named that the client's access schema does not have: told from the access schema when it was
//! loaded. It is never asked for by itself: `g c` loads it.

use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::request::ApiRequest;
use crate::capture::schema::EntityType;

/// How many attributes are named.
const MOST: usize = 8;

/// The attributes that a call names and that `stored` has, but not `seen`, the same type as the client may use it: in
/// words; `None` when there are none.
pub(super) fn in_words(
    request: &ApiRequest,
    stored: &EntityType,
    seen: &EntityType,
) -> Option<String> {
    let mut hidden: Vec<AttrPath> = Vec::new();
    for path in named(request) {
        let holder_is_hidden = hidden.iter().any(|holder| path.starts_with(holder));
        if stored.get(&path).is_some() && seen.get(&path).is_none() && !holder_is_hidden {
            hidden.push(path);
        }
    }
    let names: Vec<String> = hidden.iter().take(MOST).map(AttrPath::dotted).collect();
    let more = hidden.len().saturating_sub(MOST);
    match (names.is_empty(), more) {
        (true, _) => None,
        (false, 0) => Some(names.join(", ")),
        (false, more) => Some(format!("{} and {more} more", names.join(", "))),
    }
}

/// The definitions that a call names, holders before what they hold.
fn named(request: &ApiRequest) -> Vec<AttrPath> {
    let mut found = Vec::new();
    let mut add = |path: AttrPath| {
        if !found.contains(&path) {
            found.push(path);
        }
    };
    let base = request
        .args
        .get("attribute_name")
        .and_then(|name| name.parse().ok());
    let base: AttrPath = base.unwrap_or_default();
    if !base.is_root() {
        add(base.definition());
    }
    for name in ["attributes", "value"] {
        let Some(Ok(json)) = request.args.get(name).map(Json::parse) else {
            continue;
        };
        let mut waiting = vec![(base.definition(), &json)];
        while let Some((holder, json)) = waiting.pop() {
            match json {
                Json::Object(members) => {
                    for (name, value) in members {
                        let path = holder.child(name.clone());
                        add(path.clone());
                        waiting.push((path, value));
                    }
                }
                // A list of names, or the elements of a plural.
                Json::Array(items) => {
                    for item in items {
                        match item.as_str().map(str::parse::<AttrPath>) {
                            Some(Ok(path)) if holder.is_root() => add(path.definition()),
                            _ => waiting.push((holder.clone(), item)),
                        }
                    }
                }
                _ => {}
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::endpoint::Endpoint;
    use crate::capture::schema::read_attr_defs;

    fn schema(text: &str) -> EntityType {
        let (defs, problems) = read_attr_defs(&Json::parse(text).expect("is JSON"));
        assert_eq!(problems, []);
        EntityType::create("user", defs)
    }

    #[test]
    fn what_a_call_names_and_the_client_may_not_use_is_told() {
        let stored = schema(
            r#"[{"name":"a","type":"string"},{"name":"b","type":"string"},
                {"name":"o","type":"object","attr_defs":[{"name":"x","type":"string"},{"name":"y","type":"string"}]},
                {"name":"p","type":"plural","attr_defs":[{"name":"k","type":"string"}]}]"#,
        );
        let seen = schema(
            r#"[{"name":"a","type":"string"},
                {"name":"o","type":"object","attr_defs":[{"name":"x","type":"string"}]}]"#,
        );
        for (name, value, told) in [
            (
                "attributes",
                r#"{"a":1,"b":2,"o":{"x":1,"y":2},"p":[{"k":1}],"no":1}"#,
                Some("b, o.y, p"),
            ),
            ("attributes", r#"["a","b","o.y"]"#, Some("b, o.y")),
            ("attributes", r#"{"a":1}"#, None),
            ("attributes", "{", None),
            ("attribute_name", "/p#3/k", Some("p.k")),
        ] {
            let request = ApiRequest::new(Endpoint::EntityUpdate).with(name, value);
            let mut words = in_words(&request, &stored, &seen).map(|words| {
                let mut names: Vec<&str> = words.split(", ").collect();
                names.sort_unstable();
                names.join(", ")
            });
            assert_eq!(words.take().as_deref(), told, "{value}");
        }
    }
}
