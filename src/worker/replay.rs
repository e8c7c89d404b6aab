//! How carefully to ask before a call is sent again (design D.7): nothing before a read, a choice before a write, a
//! typed word before what cannot be taken back. The same in every environment: a call that was meant once is quickly
//! sent again, and nobody looks at what it says.

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

/// What must be answered before a call that does this is sent again.
pub fn consent(again: Again) -> Consent {
    match again {
        Again::Reads => Consent::None,
        Again::Changes | Again::Creates => Consent::Yes,
        Again::Destroys => Consent::Word,
    }
}

/// What is asked of whoever sends a call again, in words for a list of environments.
pub fn consent_words(again: Again, read_only: bool) -> &'static str {
    if read_only && again != Again::Reads {
        return "read-only: refused";
    }
    match consent(again) {
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
        for (again, words, read_only) in [
            (Again::Reads, "at once", "at once"),
            (Again::Changes, "asks first", "read-only: refused"),
            (Again::Creates, "asks first", "read-only: refused"),
            (Again::Destroys, "asks for its name", "read-only: refused"),
        ] {
            assert_eq!(consent_words(again, false), words, "{again:?}");
            assert_eq!(consent_words(again, true), read_only, "{again:?}");
        }
    }
}
