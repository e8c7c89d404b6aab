//! What of the program can be done without a screen: each verb names the command that does the same, or says why it has
//! none. The help may show it; a test holds that every command named here exists.

/// A verb's twin on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Twin {
    /// The command that does the same, without the program's name: `record create`.
    Command(&'static str),
    /// None, for this reason: a clause about the verb.
    OnlyOnScreen(&'static str),
}

/// A verb that moves the cursor or the focus.
pub const MOVING: Twin = Twin::OnlyOnScreen("it moves the cursor or the focus");

/// A verb that changes how something is looked at.
pub const LOOKING: Twin = Twin::OnlyOnScreen("it changes how something on the screen is looked at");

/// A verb of writing something that is not sent yet.
pub const WRITING: Twin =
    Twin::OnlyOnScreen("it is about what is not sent yet: a command is given it whole");

/// A verb that opens help or closes what lies over the screen.
pub const CLOSING: Twin = Twin::OnlyOnScreen("it opens or closes a part of the screen");

/// A verb that copies a piece of what is on the screen.
pub const COPYING: Twin = Twin::OnlyOnScreen(
    "it copies a piece of the screen: what a command prints is there to be copied",
);

/// A verb of the screen itself, or of the program that draws it.
pub const SCREEN: Twin = Twin::OnlyOnScreen("it is about the screen itself, or about leaving it");
