//! How the class of an environment looks, wherever one is named.

use crate::config::environment::EnvironmentClass;
use crate::tui::theme::Badge;

/// The badge of a class and the word in it: told apart without colour, too.
pub fn badge(class: EnvironmentClass) -> (Badge, &'static str) {
    match class {
        EnvironmentClass::Sandbox => (Badge::Sandbox, "SANDBOX"),
        EnvironmentClass::Dev => (Badge::Dev, "DEV"),
        EnvironmentClass::Prod => (Badge::Prod, "PROD"),
    }
}
