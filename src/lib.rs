//! captui: a terminal explorer for the Capture API (Janrain Capture, today Akamai Identity Cloud).
//!
//! # Map
//!
//! ```text
//!   keys, mouse, paste, resize                                argv
//!              │                                                │
//!              ▼                                                ▼
//!   ┌──────────── tui ─────────────┐                   ┌─────── cli ───────┐
//!   │ Msg ─▶ update ─▶ Model       │                   │ args ─▶ Job       │
//!   │          │         └─▶ view  │                   │ Output ─▶ text    │
//!   └──────────┼───────────────────┘                   └────────┬──────────┘
//!       Effect │    ▲ Event                                 Job │ ▲ Output
//!              ▼    │                                           ▼ │
//!   ┌──────────────────────── worker: run(Job) ────────────────────────────┐
//!   │  client ── HTTP ──▶ the Capture service, or the sandbox              │
//!   │  history: what was sent and what came back                           │
//!   └──────────────────────────────────────────────────────────────────────┘
//!     all of it speaks `capture`: schema, values, validation, requests,
//!     responses, errors, signing: pure data and functions
//! ```
//!
//! Data moves one way round the loop. Nothing calls back into the terminal program; nothing below `tui` and `cli` knows
//! that they exist.
//!
//! # Who may use whom
//!
//! `tests/tidy.rs` holds this table:
//!
//! | module | may use |
//! | --- | --- |
//! | [`capture`] | nothing of ours: no I/O, no clock, no terminal; time and randomness come in as arguments |
//! | [`failure`] | nothing of ours; anyone may use it |
//! | [`files`] | nothing of ours: it knows no Capture |
//! | [`source`] | nothing of ours: it knows no Capture |
//! | [`json`] | nothing of ours: a document engine that knows no Capture and no terminal |
//! | [`exchange`] | `capture`, `json` |
//! | [`curl`] | `capture` |
//! | [`paste`] | `capture`, `json`, `curl` |
//! | [`config`] | `capture`, `files` |
//! | [`history`] | `capture`, `exchange` |
//! | [`handover`] | `capture`, `json`, `exchange`, `curl`: pure, from exchanges to bytes and back |
//! | [`drafts`] | `capture`, `files` |
//! | [`record_file`] | `capture`, `json`, `files`, `source`: no network, no clock |
//! | [`client`] | `capture`, `config`, `exchange` |
//! | [`sandbox`] | `capture` only: its answers cannot depend on our own client |
//! | [`worker`] | all of the above |
//! | [`cli`] | everything above; not `tui` |
//! | [`tui`] | `capture`, `json`, `curl`, `paste`, `config`, `exchange`, `worker`, `history::{query, record}`, `handover::{format, open}`, `drafts::{kept, desk}`, `sandbox::faults`, `source`; all else by jobs |
//!
//! # Where to edit
//!
//! | to add | touch |
//! | --- | --- |
//! | an operation | a row in [`capture::endpoint`]; an operation in [`sandbox`]; help and argument checks follow |
//! | a verb | the pane: an `Action` variant, a row in its `ACTIONS`, an arm in its `update`; keymap, footer and help follow |
//! | an attribute type | [`capture::attr_type`], [`capture::value`], and an editor in the form: the compiler lists the places |
//! | a pane | a file in `tui/panes`, a field in the model, an arm in `update` and `view`, a rectangle in `layout` |
//! | a fault | [`sandbox::faults`]: the compiler lists the places; a row in `tui/overlays/faults` offers it |
//! | a command | a file in `cli/commands`; the job usually exists |

pub mod capture;
pub mod cli;
pub mod client;
pub mod config;
pub mod curl;
pub mod drafts;
pub mod exchange;
pub mod failure;
pub mod files;
pub mod handover;
pub mod history;
pub mod json;
pub mod paste;
pub mod record_file;
pub mod sandbox;
pub mod source;
pub mod tui;
pub mod worker;
