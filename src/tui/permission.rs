//! What this environment's client may call, as far as it is known: told by the configuration, or learned from a refusal.
//!
//! The service says only that a client may not make a call (403). The table of operations says which features would let it,
//! so the client has none of these, and no operation that needs one of them will work either (reference 2.1). Nothing is
//! asked of the service here: what is not known is tried.

use std::collections::BTreeSet;

use crate::capture::endpoint::ClientFeature;
use crate::capture::endpoint::Endpoint;

/// What a client is known not to have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permission {
    lacking: BTreeSet<ClientFeature>,
    /// Operations of which was said that they will be refused: the user may try all the same.
    warned: BTreeSet<Endpoint>,
}

impl Permission {
    /// Of a client with these features; `None` when they are not known.
    pub fn new(features: Option<&[ClientFeature]>) -> Self {
        let lacks = |feature: &ClientFeature| features.is_some_and(|own| !own.contains(feature));
        Self {
            lacking: ClientFeature::ALL.into_iter().filter(lacks).collect(),
            warned: BTreeSet::new(),
        }
    }

    /// The service refused this operation to the client.
    pub fn refused(&mut self, endpoint: Endpoint) {
        if !endpoint.spec().any_client {
            self.lacking.extend(endpoint.spec().permitted);
        }
        self.warned.remove(&endpoint);
    }

    /// The service let the client do this after all.
    pub fn granted(&mut self, endpoint: Endpoint) {
        if !self.permits(endpoint) {
            self.lacking.clear();
        }
    }

    /// Whether nothing is known that speaks against an operation.
    pub fn permits(&self, endpoint: Endpoint) -> bool {
        let spec = endpoint.spec();
        let has = |feature: &ClientFeature| !self.lacking.contains(feature);
        spec.any_client || spec.permitted.is_empty() || spec.permitted.iter().any(has)
    }

    /// Whether the client cannot write records.
    pub fn is_read_only(&self) -> bool {
        let writes = [Endpoint::EntityCreate, Endpoint::EntityUpdate];
        writes.into_iter().all(|write| !self.permits(write))
    }

    /// What to say before an operation that will be refused; `None` when it may work, and when it was said already: whoever
    /// asks again wants to try.
    pub fn warning(&mut self, endpoint: Endpoint) -> Option<String> {
        if self.permits(endpoint) || !self.warned.insert(endpoint) {
            return None;
        }
        let names: Vec<&str> = endpoint
            .spec()
            .permitted
            .iter()
            .map(|one| one.name())
            .collect();
        let needed = names.join(" or ");
        Some(format!(
            "this client may not call {endpoint}: it needs {needed}. Once more tries it anyway"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_counts_before_the_first_call() {
        let reader = Permission::new(Some(&[ClientFeature::DirectReadAccess]));
        assert!(reader.permits(Endpoint::EntityFind) && reader.is_read_only());
        for features in [None, Some(&[ClientFeature::Owner][..])] {
            let permission = Permission::new(features);
            assert!(permission.permits(Endpoint::EntityDelete), "{features:?}");
            assert!(!permission.is_read_only());
        }
    }

    #[test]
    fn a_refusal_tells_of_all_operations_that_need_the_same() {
        let mut permission = Permission::new(None);
        permission.refused(Endpoint::EntityUpdate);
        assert!(!permission.permits(Endpoint::EntityCreate));
        assert!(permission.permits(Endpoint::EntityFind), "others may read");
        assert!(permission.is_read_only());
        let warning = permission.warning(Endpoint::EntityDelete).expect("is said");
        assert!(
            warning.contains("entity.delete: it needs owner or direct_access"),
            "{warning}"
        );
        assert_eq!(
            permission.warning(Endpoint::EntityDelete),
            None,
            "said once"
        );
        permission.refused(Endpoint::EntityDelete);
        assert!(
            permission.warning(Endpoint::EntityDelete).is_some(),
            "and after each refusal"
        );
        permission.granted(Endpoint::EntityCreate);
        assert!(
            permission.permits(Endpoint::EntityDelete),
            "it was given the feature meanwhile"
        );
    }
}
