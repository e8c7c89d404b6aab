//! The grammar: what is read and how, and what is refused with which words at which place.

use proptest::prelude::any;
use proptest::prelude::prop;
use proptest::prop_assert;
use proptest::proptest;

use crate::capture::filter::parse::Expr;
use crate::capture::filter::parse::ExprKind;
use crate::capture::filter::parse::FilterErrorKind;
use crate::capture::filter::parse::Literal;
use crate::capture::filter::parse::MAX_LENGTH;
use crate::capture::filter::parse::parse;

/// The tree with every pair of parentheses.
fn show(expr: &Expr) -> String {
    let list = |word: &str, operands: &[Expr]| {
        let operands: Vec<String> = operands.iter().map(show).collect();
        format!("({word} {})", operands.join(" "))
    };
    match &expr.kind {
        ExprKind::Or(operands) => list("or", operands),
        ExprKind::And(operands) => list("and", operands),
        ExprKind::Not(inner) => format!("(not {})", show(inner)),
        ExprKind::Compare(op, left, right) => {
            format!("({} {} {})", op.symbol(), show(left), show(right))
        }
        ExprKind::IsNull(inner) => format!("(null {})", show(inner)),
        ExprKind::IsNotNull(inner) => format!("(some {})", show(inner)),
        ExprKind::Literal(Literal::Text(text)) => format!("[{text}]"),
        ExprKind::Literal(Literal::Number(number)) => number.clone(),
        ExprKind::Literal(Literal::Boolean(value)) => value.to_string(),
        ExprKind::Literal(Literal::Null) => "null".to_owned(),
        ExprKind::Path(path) => path.slashed(),
    }
}

#[test]
fn filters_are_read_by_the_documented_precedence() {
    for (filter, tree) in [
        ("a = 1", "(= /a 1)"),
        ("a=1", "(= /a 1)"),
        (
            "a = 1 or b = 2 and c = 3",
            "(or (= /a 1) (and (= /b 2) (= /c 3)))",
        ),
        (
            "(a = 1 or b = 2) and c = 3",
            "(and (or (= /a 1) (= /b 2)) (= /c 3))",
        ),
        ("a = 1 or b = 2 or c = 3", "(or (= /a 1) (= /b 2) (= /c 3))"),
        (
            "a = 1 or (b = 2 or c = 3)",
            "(or (= /a 1) (or (= /b 2) (= /c 3)))",
        ),
        // Relations above equality, both from left to right.
        ("a < b = c > d", "(= (< /a /b) (> /c /d))"),
        ("a = b != c", "(!= (= /a /b) /c)"),
        ("a < b >= c", "(>= (< /a /b) /c)"),
        ("a <= b", "(<= /a /b)"),
        // `not` above the comparisons, `is null` above `not`.
        ("not a = 1", "(= (not /a) 1)"),
        ("!a < 1", "(< (not /a) 1)"),
        ("not (a = 1)", "(not (= /a 1))"),
        ("not a is null", "(not (null /a))"),
        ("! ! not a", "(not (not (not /a)))"),
        ("a != 1", "(!= /a 1)"),
        ("!a!=!b", "(!= (not /a) (not /b))"),
        ("a is null", "(null /a)"),
        ("a is not null", "(some /a)"),
        ("a is null is not null", "(some (null /a))"),
        ("a = b is null", "(= /a (null /b))"),
        ("(a = 1) is null", "(null (= /a 1))"),
        (
            "A = 1 AND B = 2 Or NOT c IS NoT NULL",
            "(or (and (= /A 1) (= /B 2)) (not (some /c)))",
        ),
        ("((a) AND (b)) OR (c)", "(or (and /a /b) /c)"),
        (
            "id>0 and lastUpdated>'2020'",
            "(and (> /id 0) (> /lastUpdated [2020]))",
        ),
        ("1 < a", "(< 1 /a)"),
        ("true", "true"),
        ("NULL", "null"),
        ("FALSE=a", "(= false /a)"),
        // Values.
        ("a = -1.50e+3", "(= /a -1.50e+3)"),
        ("a = 007", "(= /a 007)"),
        ("a>-1", "(> /a -1)"),
        ("a = 'it''s'", "(= /a [it's])"),
        (r"a = 'it\'s'", "(= /a [it's])"),
        (r#"a = "it's""#, "(= /a [it's])"),
        (r#"a = 'say "so"'"#, r#"(= /a [say "so"])"#),
        (r#"a = "say ""so""""#, r#"(= /a [say "so"])"#),
        (r#"a = "say \"so\"""#, r#"(= /a [say "so"])"#),
        (r"a = '\\'", r"(= /a [\])"),
        (r"a = '\\\\'''", r"(= /a [\\'])"),
        (r"a = 'C:\new'", r"(= /a [C:\new])"),
        ("a = ''", "(= /a [])"),
        ("''=''", "(= [] [])"),
        ("a='x'and b='y'", "(and (= /a [x]) (= /b [y]))"),
        ("a='\u{0}\n\u{1f600}'", "(= /a [\u{0}\n\u{1f600}])"),
        // Paths.
        ("a.b.c = 1", "(= /a/b/c 1)"),
        ("/a/b = 1", "(= /a/b 1)"),
        ("/a.b = 1", "(= /a/b 1)"),
        ("a/b_2 = 1", "(= /a/b_2 1)"),
        ("_x = 1", "(= /_x 1)"),
        ("größe = 1", "(= /größe 1)"),
        // Names that are keywords elsewhere.
        ("/null is null", "(null /null)"),
        ("and.or = 1", "(= /and/or 1)"),
        (
            "contains = 1 and like = 2 and in = 3 and between is null",
            "(and (= /contains 1) (= /like 2) (= /in 3) (null /between))",
        ),
        ("nullable = nothing", "(= /nullable /nothing)"),
        // White space of every kind.
        ("\t a\n=\r\n1 \u{a0}", "(= /a 1)"),
    ] {
        let expr = parse(filter).unwrap_or_else(|error| panic!("{filter}: {error}"));
        assert_eq!(show(&expr), tree, "{filter}");
    }
}

#[test]
fn what_is_no_filter_is_told_where_and_how() {
    for (filter, at, message) in [
        (
            "",
            1,
            "expected an attribute, such as email = 'a@example.com'",
        ),
        (
            " ",
            2,
            "expected an attribute, such as email = 'a@example.com'",
        ),
        ("email = ", 9, "expected a value after `=`"),
        ("email =", 8, "expected a value after `=`"),
        (
            "= 1",
            1,
            "expected an attribute, such as email = 'a@example.com'",
        ),
        ("a < and b", 5, "expected a value after `<`"),
        ("a = 1 AND", 10, "expected a condition after `AND`"),
        ("a = 1 and or b", 11, "expected a condition after `and`"),
        ("not", 4, "expected a condition after `not`"),
        ("()", 2, "expected a condition after `(`"),
        ("(a = 1", 1, "the parenthesis that opens here is not closed"),
        (
            "a = 1 or ((b = 2)",
            10,
            "the parenthesis that opens here is not closed",
        ),
        ("a = 1)", 6, "there is no open parenthesis for this one"),
        ("a = 'x", 5, "the text that begins here has no closing '"),
        (
            r#"a = "x'"#,
            5,
            r#"the text that begins here has no closing ""#,
        ),
        (r"a = 'x\'", 5, "the text that begins here has no closing '"),
        ("é = 'x", 5, "the text that begins here has no closing '"),
        // Other languages' words.
        ("a == 1", 3, "`==` is written = here"),
        ("a <> 1", 3, "`<>` is written != here"),
        ("a => 1", 3, "`=>` is written >= here"),
        ("a =< 1", 3, "`=<` is written <= here"),
        ("a = 1 && b = 2", 7, "`&&` is written `and` here"),
        ("a = 1 || b = 2", 7, "`||` is written `or` here"),
        (
            "a like 'x%'",
            3,
            "there is no `like` in this language: only whole values are compared, with = != < <= > >=",
        ),
        (
            "a NOT LIKE 'x%'",
            3,
            "`not` stands before a condition: write not (a = 1), or a is not null",
        ),
        (
            "a in (1, 2)",
            3,
            "there is no `in` in this language: join comparisons with `or`, as in a = 1 or a = 2",
        ),
        (
            "a Between 1 and 2",
            3,
            "there is no `between` in this language: write a >= 1 and a <= 2",
        ),
        (
            "lower(a) = 'x'",
            1,
            "there are no functions in this language, such as `lower`",
        ),
        (
            "a = 1 (b = 2)",
            7,
            "expected `and` or `or` before this parenthesis",
        ),
        (
            "a is 'x'",
            6,
            "after `is` comes only `null` or `not null`: compare values with = and !=",
        ),
        (
            "a is not 5",
            10,
            "after `is` comes only `null` or `not null`: compare values with = and !=",
        ),
        ("a is", 5, "expected `null` or `not null` after `is`"),
        (
            "a null",
            3,
            "`null` is asked for with `is null` or `is not null`",
        ),
        (
            "a not null",
            3,
            "`not` stands before a condition: write not (a = 1), or a is not null",
        ),
        (
            "a b",
            3,
            "expected an operator such as = or `and` after `a`, not `b`",
        ),
        (
            "a 'secret'",
            3,
            "expected an operator such as = or `and` after `a`, not a text",
        ),
        (
            "a = 'x' 'y'",
            9,
            "expected an operator such as = or `and` after a text, not a text",
        ),
        ("a = 5 -3", 7, "there is no arithmetic in this language"),
        (
            "a + 1 = 2",
            3,
            "`+` has no meaning here: there is no arithmetic",
        ),
        (
            "a = 1; drop table records",
            6,
            "`;` does not belong in a filter",
        ),
        (
            "a = 1 -- b",
            7,
            "`-` has no meaning here: there is no arithmetic",
        ),
        ("a = ‘x’", 5, "‘ is not a quote here: put texts in ' or \""),
        ("a = \u{0}", 5, "`\\0` does not belong in a filter"),
        ("a = 1, b", 6, "`,` does not belong in a filter"),
        ("a ~ 'x'", 3, "`~` does not belong in a filter"),
        // Numbers.
        (
            "a = 1987-12-31",
            9,
            "`-` follows a number directly: put texts and dates in quotes, as in '2003-01-02'",
        ),
        (
            "a = 1/2/2003",
            6,
            "`/` follows a number directly: put texts and dates in quotes, as in '2003-01-02'",
        ),
        (
            "a = 5x",
            6,
            "`x` follows a number directly: put texts and dates in quotes, as in '2003-01-02'",
        ),
        (
            "a = 192.0.2.1",
            10,
            "`.` follows a number directly: put texts and dates in quotes, as in '2003-01-02'",
        ),
        ("a = 5.", 7, "digits are missing after the decimal point"),
        (
            "a = 5e",
            7,
            "digits are missing in the exponent of the number",
        ),
        (
            "a = .5",
            5,
            "nothing begins with a dot: an attribute begins with its name, a number with a digit",
        ),
        // Paths.
        (
            "a. = 1",
            3,
            "the name of an attribute is missing after the separator",
        ),
        (
            "a..b = 1",
            3,
            "the name of an attribute is missing after the separator",
        ),
        (
            "//a = 1",
            2,
            "the name of an attribute is missing after the separator",
        ),
        (
            "/ = 1",
            2,
            "the name of an attribute is missing after the separator",
        ),
        (
            "a.1 = 1",
            3,
            "the name of an attribute is missing after the separator",
        ),
        (
            "profiles#12.domain = 1",
            9,
            "a filter cannot name one element of a plural: leave out what begins with #, and all elements are looked at",
        ),
        (
            "/#12 = 1",
            2,
            "a filter cannot name one element of a plural: leave out what begins with #, and all elements are looked at",
        ),
        (
            "profiles[0].domain = 1",
            9,
            "a filter cannot name one element of a plural: leave out what begins with #, and all elements are looked at",
        ),
    ] {
        let error = parse(filter).expect_err(filter);
        assert_eq!(
            error.to_string(),
            format!("{message} (at character {at})"),
            "{filter}"
        );
        assert_eq!(
            (error.at, error.kind),
            (at, FilterErrorKind::Invalid),
            "{filter}"
        );
    }
}

#[test]
fn contains_is_a_fault_of_its_own() {
    for (filter, at) in [
        ("displayName contains 'x'", 13),
        ("displayName CONTAINS 'x'", 13),
        ("a = 1 and b not contains 'x'", 17),
        ("contains(a, 'x')", 1),
        ("a = 1 or Contains (a, 'x')", 10),
    ] {
        let error = parse(filter).expect_err(filter);
        assert_eq!(
            (error.at, error.kind),
            (at, FilterErrorKind::Contains),
            "{filter}"
        );
    }
}

#[test]
fn depth_length_and_number_of_conditions_have_limits() {
    let nested = |open: &str, close: &str, times: usize| {
        format!("{}a = 1{}", open.repeat(times), close.repeat(times))
    };
    let joined = |times: usize| vec!["a = 1"; times].join(" or ");
    for filter in [
        nested("(", ")", 64),
        nested("not (", ")", 32),
        joined(1000),
        format!("a{}", " = 1".repeat(60)),
    ] {
        assert!(parse(&filter).is_ok(), "{filter}");
    }
    for (filter, words) in [
        (nested("(", ")", 65), "nested more than 64 deep"),
        (nested("not (", ")", 33), "nested more than 64 deep"),
        (nested("!", "", 65), "nested more than 64 deep"),
        (
            format!("a{}", " = 1".repeat(100)),
            "nested more than 64 deep",
        ),
        (
            format!("a{}", " is null".repeat(100)),
            "nested more than 64 deep",
        ),
        (
            nested("a = 1 or b and (", ")", 40),
            "nested more than 64 deep",
        ),
        (joined(1001), "joins more than 1000 conditions"),
        (
            format!("{} or {}", nested("(", ")", 8), joined(1000)),
            "joins more than 1000 conditions",
        ),
        (" ".repeat(MAX_LENGTH + 1), "longer than 65536 bytes"),
    ] {
        let error = parse(&filter).expect_err(words);
        assert!(error.what.contains(words), "{error}");
    }
}

/// What grew with the square of its length would take minutes here.
#[test]
fn bombs_are_refused_at_once() {
    for bomb in [
        "(".repeat(MAX_LENGTH),
        "not ".repeat(MAX_LENGTH / 4),
        "!".repeat(MAX_LENGTH),
        vec!["a=1"; 10_000].join(" or "),
        "a.".repeat(MAX_LENGTH / 2),
        format!("a = '{}", "''".repeat(MAX_LENGTH / 2 - 4)),
        "'".repeat(MAX_LENGTH - 1),
        "x".repeat(1_000_000),
        format!("a = '{}'", "%a".repeat(500_000)),
    ] {
        assert!(parse(&bomb).is_err());
    }
    assert!(parse(&format!("a = '{}'", "x".repeat(MAX_LENGTH - 6))).is_ok());
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        check(&text)?;
    }

    #[test]
    fn any_mixture_of_words_is_read_or_refused(
        words in prop::collection::vec(prop::sample::select(WORDS), 0..40),
        gap in prop::sample::select(&["", " "][..]),
    ) {
        check(&words.join(gap))?;
    }
}

const WORDS: &[&str] = &[
    "a", "b.c", "/d", "(", ")", "=", "!=", "<", "<=", ">", ">=", "!", "not", "and", "or", "is",
    "null", "true", "'x'", "\"y\"", "''", "'", "\\", "5", "-5", ".", "#", "contains", "like", "in",
    "é", "\u{0}",
];

/// Whatever comes out stays within the text.
fn check(text: &str) -> Result<(), proptest::test_runner::TestCaseError> {
    let length = text.chars().count();
    match parse(text) {
        Ok(expr) => prop_assert!(expr.start < expr.end && expr.end <= length),
        Err(error) => prop_assert!((1..=length + 1).contains(&error.at), "{}", error),
    }
    Ok(())
}
