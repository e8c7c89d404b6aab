//! How carefully to ask before a call is sent again (design D.7): nothing before a read, a choice before a write, a
//! typed word before what cannot be taken back and before any write in production.

use crate::config::environment::EnvironmentClass;
use crate::exchange::replay::Again;

/// What must be answered before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// Nothing.
    None,
    /// A yes.
    Yes,
    /// The environment's name, typed.
    Word,
}

/// What must be answered before a call that does this is sent again in an environment of this class.
pub fn consent(again: Again, class: EnvironmentClass) -> Consent {
    match (again, class) {
        (Again::Reads, _) => Consent::None,
        (_, EnvironmentClass::Prod) | (Again::Destroys, EnvironmentClass::Dev) => Consent::Word,
        (_, EnvironmentClass::Dev | EnvironmentClass::Sandbox) => Consent::Yes,
    }
}

/// What is asked of whoever sends a call again there, in words for a list of environments.
pub fn consent_words(again: Again, class: EnvironmentClass, read_only: bool) -> &'static str {
    if read_only && again != Again::Reads {
        return "read-only: refused";
    }
    match consent(again, class) {
        Consent::None => "at once",
        Consent::Yes => "asks first",
        Consent::Word => "asks for its name",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_is_at_stake_the_more_is_asked() {
        use Again::Changes;
        use Again::Creates;
        use Again::Destroys;
        use Again::Reads;
        for (again, asked) in [
            (Reads, [Consent::None; 3]),
            (Changes, [Consent::Yes, Consent::Yes, Consent::Word]),
            (Creates, [Consent::Yes, Consent::Yes, Consent::Word]),
            (Destroys, [Consent::Yes, Consent::Word, Consent::Word]),
        ] {
            let classes = [
                EnvironmentClass::Sandbox,
                EnvironmentClass::Dev,
                EnvironmentClass::Prod,
            ];
            assert_eq!(
                classes.map(|class| consent(again, class)),
                asked,
                "{again:?}"
            );
        }
        let words = |again, read_only| consent_words(again, EnvironmentClass::Dev, read_only);
        assert_eq!(words(Changes, false), "asks first");
        assert_eq!(words(Destroys, false), "asks for its name");
        assert_eq!(words(Changes, true), "read-only: refused");
        assert_eq!(words(Reads, true), "at once");
    }
}
