//! Keys: how they are written, and which verb they mean where.

pub mod combo;
pub mod keymap;
