//! Reading filters: what is wrong with one, and the compiled form.
//!
//! The language is jaq's: that of jq 1.7, less what reaches outside, and with a few definitions that people know from jq
//! and that jaq leaves to its own program. Used by the line where a filter is typed, and by [`evaluate`].
//!
//! [`evaluate`]: crate::json::query::evaluate

use std::sync::LazyLock;

use jaq_core::Compiler;
use jaq_core::Filter;
use jaq_core::Native;
use jaq_core::compile::Undefined;
use jaq_core::data::JustLut;
use jaq_core::load;
use jaq_core::load::Arena;
use jaq_core::load::File;
use jaq_core::load::Loader;
use jaq_core::load::lex;
use jaq_core::load::parse;
use jaq_core::load::parse::Def;
use jaq_core::native::Fun;
use jaq_json::Val;

use crate::json::locate::line_and_column;
use crate::json::query::on_a_deep_stack;

/// The longest filter that is read, in bytes: nesting costs stack, and nobody types more into a line.
pub const MAX_LENGTH: usize = 4096;

/// What filters cannot have: names that end the process, read its environment or its other inputs, or write beside the
/// results.
const OUTSIDE: [&str; 9] = [
    "halt",
    "halt_error",
    "env",
    "input",
    "inputs",
    "debug",
    "stderr",
    "debug_empty",
    "stderr_empty",
];

/// What jq has and the engine leaves to its own program.
const MORE: &str = r#"
def toarray: if isarray then . else [.] end;
def leaf_paths: paths(scalars);
def IN(s): any(s == .; .);
def IN(src; s): any(src == s; .);
def INDEX(stream; f): reduce stream as $row ({}; .[$row | f | tostring] = $row);
def INDEX(f): INDEX(.[]; f);
def ascii: [.] | implode;
def @csv: map(if isstring then "\"" + gsub("\""; "\"\"") + "\"" elif . == null then ""
  elif isarray or isobject then error("only plain values can stand in a row") else tostring end) | join(",");
def @tsv: map(if isstring then gsub("\\\\"; "\\\\") | gsub("\t"; "\\t") | gsub("\n"; "\\n") | gsub("\r"; "\\r")
  elif . == null then "" elif isarray or isobject then error("only plain values can stand in a row")
  else tostring end) | join("\t");
"#;

/// What is wrong with a filter, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Bytes before the place.
    pub offset: usize,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// For people.
    pub reason: String,
}

impl Fault {
    fn new(program: &str, offset: usize, reason: String) -> Self {
        let (line, column) = line_and_column(program.as_bytes(), offset);
        Self {
            offset,
            line,
            column,
            reason,
        }
    }
}

/// A filter that can be run.
pub(super) type Compiled = Filter<JustLut<Val>>;

/// A filter that a name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The name.
    pub name: &'static str,
    /// What its arguments are called; `f` where nobody gave them names.
    pub arguments: Vec<&'static str>,
}

/// Says whether `program` is a filter, without running it: in well under a frame's time. Nothing at all is one: it gives
/// the input.
pub fn check(program: &str) -> Result<(), Fault> {
    compile_apart(program, |_| ())
}

/// Compiles `program` where there is room for it and hands it to `work`, in the same place.
pub(super) fn compile_apart<T: Send>(
    program: &str,
    work: impl FnOnce(Compiled) -> T + Send,
) -> Result<T, Fault> {
    if program.len() > MAX_LENGTH {
        let reason = format!("a filter can have {MAX_LENGTH} bytes at most");
        return Err(Fault::new(program, MAX_LENGTH, reason));
    }
    on_a_deep_stack(|| compile(program).map(work)).unwrap_or_else(|| {
        Err(Fault::new(
            program,
            0,
            "the filter cannot be read".to_owned(),
        ))
    })
}

fn compile(program: &str) -> Result<Compiled, Fault> {
    let code = if program.trim().is_empty() {
        "."
    } else {
        program
    };
    let arena = Arena::default();
    let file = File { code, path: () };
    let modules = Loader::new(DEFINITIONS.iter().cloned())
        .load(&arena, file)
        .map_err(|errors| first(code, errors, unreadable))?;
    Compiler::default()
        .with_funs(natives())
        .compile(modules)
        .map_err(|errors| first(code, errors, undefined))
}

/// Every name that a filter can use, in no order.
pub fn names() -> impl Iterator<Item = Named> {
    let defined = DEFINITIONS.iter().map(|definition| Named {
        name: definition.name,
        arguments: definition.args.clone(),
    });
    let natives = natives().map(|(name, arguments, _): Fun<JustLut<Val>>| Named {
        name,
        arguments: vec!["f"; arguments.len()],
    });
    defined.chain(natives)
}

static DEFINITIONS: LazyLock<Vec<Def<&'static str>>> = LazyLock::new(|| {
    let more = load::parse(MORE, |parser| parser.defs()).expect("a test reads them");
    jaq_core::defs()
        .chain(jaq_std::defs())
        .chain(jaq_json::defs())
        .filter(|definition| !OUTSIDE.contains(&definition.name))
        .chain(more)
        .collect()
});

fn natives() -> impl Iterator<Item = (&'static str, Box<[jaq_core::Bind]>, Native<JustLut<Val>>)> {
    jaq_core::funs()
        .chain(jaq_std::funs())
        .chain(jaq_json::funs())
        .filter(|(name, ..)| !OUTSIDE.contains(name))
}

/// What went wrong first in the text, of all that a step found.
fn first<E>(
    code: &str,
    errors: load::Errors<&str, (), E>,
    tell: impl Fn(&str, E) -> Vec<(usize, String)>,
) -> Fault {
    let found = errors
        .into_iter()
        .flat_map(|(file, error)| tell(file.code, error))
        .min_by_key(|(offset, _)| *offset);
    let (offset, reason) = found.unwrap_or((0, "the filter cannot be read".to_owned()));
    Fault::new(code, offset, reason)
}

/// Where `part` begins in the text that it was cut out of.
fn place(code: &str, part: &str) -> usize {
    let offset = (part.as_ptr() as usize).wrapping_sub(code.as_ptr() as usize);
    offset.min(code.len())
}

fn unreadable(code: &str, error: load::Error<&str>) -> Vec<(usize, String)> {
    match error {
        load::Error::Io(files) => files
            .into_iter()
            .map(|(path, _)| (place(code, path), "modules cannot be read here".to_owned()))
            .collect(),
        load::Error::Lex(errors) => errors
            .into_iter()
            .map(|(expected, rest)| (place(code, rest), lexical(&expected, rest)))
            .collect(),
        load::Error::Parse(errors) => errors
            .into_iter()
            .map(|(expected, found)| (place(code, found), grammatical(&expected, found)))
            .collect(),
    }
}

fn lexical(expected: &lex::Expect<&str>, rest: &str) -> String {
    let wanted = match expected {
        lex::Expect::Delim(open) => return format!("`{open}` is never closed"),
        lex::Expect::Token => return format!("{} means nothing here", shown(rest)),
        lex::Expect::Digit => "a digit",
        lex::Expect::Ident => "a name",
        lex::Expect::Escape => "one of \\n \\t \\\" \\\\ \\u0041 \\(…)",
        lex::Expect::Unicode => "four hexadecimal digits of a character",
        _ => expected.as_str(),
    };
    format!("{wanted} belongs here, not {}", shown(rest))
}

fn grammatical(expected: &parse::Expect<&str>, found: &str) -> String {
    let wanted = match expected {
        parse::Expect::Nothing => return format!("{} cannot follow here", shown(found)),
        parse::Expect::Just("") => "the end".to_owned(),
        parse::Expect::Just(word) => format!("`{word}`"),
        parse::Expect::Term => "a filter".to_owned(),
        parse::Expect::Key => "a key".to_owned(),
        parse::Expect::Ident => "a name".to_owned(),
        parse::Expect::Var => "a variable such as `$x`".to_owned(),
        parse::Expect::ElseOrEnd => "`else` or `end`".to_owned(),
        parse::Expect::CommaOrRBrack => "`,` or `]`".to_owned(),
        parse::Expect::CommaOrRBrace => "`,` or `}`".to_owned(),
        parse::Expect::SemicolonOrRParen => "`;` or `)`".to_owned(),
        other => format!("a {}", other.as_str()),
    };
    format!("{wanted} belongs here, not {}", shown(found))
}

/// The beginning of what was found.
fn shown(found: &str) -> String {
    match found.chars().next() {
        None => "the end".to_owned(),
        Some(c) if c.is_alphanumeric() || c == '_' || c == '$' => {
            let is_word = |c: &char| c.is_alphanumeric() || *c == '_' || *c == '$';
            let word: String = found.chars().take_while(is_word).take(30).collect();
            format!("`{word}`")
        }
        Some(c) => format!("`{c}`"),
    }
}

fn undefined(code: &str, errors: Vec<(&str, Undefined)>) -> Vec<(usize, String)> {
    errors
        .into_iter()
        .map(|(name, what)| (place(code, name), unknown(name, &what)))
        .collect()
}

fn unknown(name: &str, what: &Undefined) -> String {
    let Undefined::Filter(count) = what else {
        return format!("there is no {} `{name}`", what.as_str());
    };
    if OUTSIDE.contains(&name) {
        return format!("`{name}` is not to be had: a filter sees its input and nothing else");
    }
    let mut counts: Vec<usize> = names()
        .filter(|known| known.name == name)
        .map(|known| known.arguments.len())
        .collect();
    counts.sort_unstable();
    counts.dedup();
    if counts.is_empty() {
        return match closest(name) {
            Some(close) => format!("there is no filter `{name}`; did you mean `{close}`?"),
            None => format!("there is no filter `{name}`"),
        };
    }
    let plural = if counts == [1] { "" } else { "s" };
    let counts: Vec<String> = counts.iter().map(ToString::to_string).collect();
    format!(
        "`{name}` takes {} argument{plural}, not {count}",
        counts.join(" or ")
    )
}

/// The known name that the fewest typing mistakes lead to, if they are few.
fn closest(name: &str) -> Option<&'static str> {
    let allowed = if name.len() < 4 { 1 } else { 2 };
    names()
        .map(|known| (distance(name, known.name), known.name))
        .filter(|(far, _)| *far <= allowed)
        .min()
        .map(|(_, known)| known)
}

/// How many characters must be put in, taken out or exchanged.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let change = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = change.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn filters_are_read() {
        for program in [
            "",
            "  ",
            ".",
            ".results[] | select(.email | test(\"@example\")) | {id, email}",
            "[.results[] | {(.uuid): .id}] | add",
            "reduce .[] as $x (0; . + $x)",
            "def f($a): . + $a; f(1)",
            "INDEX(.id), IN(1, 2), leaf_paths, toarray, (.[] | @csv, @tsv), ascii",
            "try error(\"x\") catch .",
            ".a.b?.[\"c d\"][1:] // empty",
            "\"\\(.a) \\u00e4\"",
            "now - (.created | fromdate)",
            "limit(3; .[])",
        ] {
            assert_eq!(check(program), Ok(()), "{program}");
        }
    }

    #[test]
    fn faults_have_a_place_and_a_reason() {
        for (program, column, reason) in [
            (".a |", 5, "a filter belongs here, not the end"),
            (".a | | .b", 6, "a filter belongs here, not `|`"),
            ("[.a", 4, "`[` is never closed"),
            ("\"abc", 5, "`\"` is never closed"),
            ("map(.a", 7, "`(` is never closed"),
            (".a & .b", 4, "`&` means nothing here"),
            (".ä", 2, "`ä` means nothing here"),
            ("ä | [", 1, "`ä` means nothing here"),
            ("1 2", 3, "`2` cannot follow here"),
            (
                "if . then 1",
                12,
                "`else` or `end` belongs here, not the end",
            ),
            (". as x | .", 6, "a pattern belongs here, not `x`"),
            ("$x", 1, "there is no variable `$x`"),
            (
                ". | selct(.a)",
                5,
                "there is no filter `selct`; did you mean `select`?",
            ),
            ("qqqqqq", 1, "there is no filter `qqqqqq`"),
            ("map", 1, "`map` takes 1 argument, not 0"),
            (
                "env",
                1,
                "`env` is not to be had: a filter sees its input and nothing else",
            ),
            (
                "1 | halt(3)",
                5,
                "`halt` is not to be had: a filter sees its input and nothing else",
            ),
            ("$ENV.HOME", 1, "there is no variable `$ENV`"),
            ("import \"x\" as x; .", 9, "modules cannot be read here"),
            (
                "include \"/etc/passwd\"; .",
                10,
                "modules cannot be read here",
            ),
            ("break $x", 7, "there is no label `$x`"),
            (
                "\"\\q\"",
                3,
                "one of \\n \\t \\\" \\\\ \\u0041 \\(…) belongs here, not `q`",
            ),
        ] {
            let fault = check(program).expect_err(program);
            assert_eq!(
                (fault.column, fault.reason.as_str()),
                (column, reason),
                "{program}"
            );
        }
        let fault = check(".a |\n.b |").expect_err("ends too early");
        assert_eq!((fault.line, fault.column), (2, 5));
    }

    #[test]
    fn nothing_reaches_outside() {
        for name in OUTSIDE {
            assert!(names().all(|known| known.name != name), "{name}");
            for arguments in ["", "(1)"] {
                assert!(check(&format!("{name}{arguments}")).is_err(), "{name}");
            }
        }
    }

    #[test]
    fn the_longest_filters_fit_on_the_stack() {
        let fill = |open: &str, middle: &str, close: &str| {
            let times = (MAX_LENGTH - middle.len()) / (open.len() + close.len());
            format!("{}{middle}{}", open.repeat(times), close.repeat(times))
        };
        for (open, middle, close) in [
            ("(", "1", ")"),
            ("[", "1", "]"),
            ("[", "", ""),
            (".[", "", ""),
            (".[", ".", "]"),
            ("- ", "1", ""),
            (".|", ".", ""),
            (".,", ".", ""),
            ("1+", "1", ""),
            ("1=", "1", ""),
            ("1//", "1", ""),
            (".as$x|", ".", ""),
            ("try ", ".", ""),
            ("label$x|", ".", ""),
            ("def f:", ".", ";."),
            ("\"\\(", "1", ")\""),
            ("if.then ", "1", " end"),
            ("{a:", "1", "}"),
            ("map(", ".", ")"),
            ("f(", "", ""),
            (".as[", "", ""),
            (".as[", "$x", "]|."),
            (".", ".", "?"),
            ("..", "", ""),
        ] {
            // Whether it is one matters less than that there is an answer.
            let _ = check(&fill(open, middle, close));
        }
        let fault = check(&" ".repeat(MAX_LENGTH + 1)).expect_err("too long");
        assert_eq!(fault.offset, MAX_LENGTH);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        #[test]
        fn any_text_gets_an_answer(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    ".", "[", "]", "(", ")", "{", "}", "|", ",", ":", ";", "?", "\"", "\\", "$x", "@csv", "1", "-", "//",
                    " as ", "def f: ", "if ", " then ", " else ", " end", "reduce ", "foreach ", "try ", "catch ", "label ",
                    "break ", "import ", "include ", "a", "::", "..", "\\(", "é", "\n", "#", "=", "|=", "f(", "select(",
                ]),
                0..24,
            )
        ) {
            let program = parts.concat();
            if let Err(fault) = check(&program) {
                prop_assert!(fault.offset <= program.len());
                prop_assert!(fault.reason != "the filter cannot be read", "{program}");
            }
        }
    }
}
