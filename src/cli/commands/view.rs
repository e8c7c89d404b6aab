//! `captui view` without a screen: prints JSON indented, as it comes and in little memory, and says where it is broken.
//!
//! With a terminal to draw on the command is the explorer's; the program's entry decides. Numbers, escapes and the order
//! of keys stay as they came. What is not JSON passes through, so that nothing is lost, and the status tells of it.

use std::io;
use std::io::BufWriter;
use std::io::Read;
use std::io::Write;
use std::path::PathBuf;

use crate::cli::output;
use crate::cli::session::Stop;
use crate::json::check::Broken;
use crate::json::check::Checker;
use crate::json::print::Form;
use crate::json::print::Printer;
use crate::source;
use crate::source::Content;

/// How many bytes are read at a time.
const PIECE: usize = 128 * 1024;

/// Prints these files one after the other, standard input for `-`. All of them are opened before the first is printed.
pub(in crate::cli) fn print(files: &[PathBuf]) -> Result<(), Stop> {
    let sources: Vec<_> = files
        .iter()
        .map(|file| source::open(file))
        .collect::<Result<_, _>>()?;
    let mut out = BufWriter::with_capacity(PIECE, io::stdout().lock());
    let mut broken = false;
    for source in sources {
        let mut input = match source.content {
            Content::Plain(file) => Box::new(file) as Box<dyn Read>,
            Content::Stream(stream) => stream,
        };
        let fault = match pass(&mut input, &mut out) {
            Ok(fault) => fault,
            Err(Passing::Reading(error)) => {
                out.flush()?;
                return Err(source::unreadable(&source.name, &error).into());
            }
            Err(Passing::Writing(error)) => return Err(error.into()),
        };
        if let Some(fault) = fault {
            broken = true;
            out.flush()?;
            output::note(&format!("{} is not JSON: {fault}", source.name));
        }
    }
    out.flush()?;
    if broken {
        return Err(Stop::Found);
    }
    Ok(())
}

/// What failed.
enum Passing {
    Reading(io::Error),
    Writing(io::Error),
}

/// Reads a text to its end and writes it indented. Says where it is broken.
fn pass(input: &mut impl Read, out: &mut impl Write) -> Result<Option<Broken>, Passing> {
    let mut checker = Checker::default();
    let mut printer = Printer::new(out, Form::Indented);
    let mut piece = vec![0; PIECE];
    loop {
        let length = match input.read(&mut piece) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Passing::Reading(error)),
        };
        checker.read(&piece[..length]);
        printer.write(&piece[..length]).map_err(Passing::Writing)?;
    }
    printer.finish().map_err(Passing::Writing)?;
    Ok(checker.finish())
}
