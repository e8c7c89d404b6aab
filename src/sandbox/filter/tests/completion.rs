//! Filters that are put together from what completion offers are filters, for the sandbox too.

use proptest::prelude::any;
use proptest::prelude::prop;
use proptest::prop_assert;
use proptest::proptest;

use crate::capture::filter::completion::What;
use crate::capture::filter::completion::complete;
use crate::capture::schema::EntityType;
use crate::sandbox::filter::compile;
use crate::sandbox::filter::tests::now;
use crate::sandbox::filter::tests::rich;

/// What somebody types where a value is expected, before looking at the offers.
const TYPED: &[&str] = &[
    "",
    "O'Neil",
    "bob@example.com",
    "'",
    "C:\\",
    "5",
    "-7",
    "t",
    "2003-1-2",
    "yesterday",
    "192.0.2.1",
    "Ünï",
];

/// Takes one offer after the other, as `choices` say, until the filter may end or the choices do.
fn written(schema: &EntityType, choices: &[usize]) -> Option<String> {
    let mut text = String::new();
    let mut open = 0;
    for choice in choices {
        let cursor = text.chars().count();
        let mut offers = complete(&text, cursor, schema, now());
        let is_finished = offers.iter().any(|offer| offer.text == "and");
        if is_finished && choice % 3 == 0 {
            text.push_str(&")".repeat(open));
            return Some(text);
        }
        if offers.is_empty() || offers.iter().any(|offer| offer.what == What::Value) {
            text.push_str(TYPED[choice % TYPED.len()]);
            let cursor = text.chars().count();
            offers = complete(&text, cursor, schema, now());
            offers.retain(|offer| offer.what == What::Value);
            if offers.is_empty() {
                // A number, which nobody completes; or no value of this type, and no filter.
                let closed = format!("{text}{}", ")".repeat(open));
                compile(&closed, schema, 2, now()).ok()?;
                text.push(' ');
                continue;
            }
        }
        let offer = &offers[choice % offers.len()];
        open += offer.text.matches('(').count();
        open -= usize::from(offer.text == ")");
        let chars: Vec<char> = text.chars().collect();
        let head: String = chars[..offer.replaces.start].iter().collect();
        let tail: String = chars[offer.replaces.end..].iter().collect();
        text = format!("{head}{}{tail} ", offer.text);
    }
    None
}

proptest! {
    #[test]
    fn what_is_put_together_from_offers_is_a_filter(choices in prop::collection::vec(any::<usize>(), 1..30)) {
        let schema = rich();
        if let Some(text) = written(&schema, &choices) {
            let compiled = compile(&text, &schema, 2, now());
            prop_assert!(compiled.is_ok(), "{}: {:?}", text, compiled);
        }
    }

    #[test]
    fn any_text_can_be_completed_anywhere(text in any::<String>(), cursor in 0_usize..40) {
        for offer in complete(&text, cursor, &rich(), now()) {
            prop_assert!(offer.replaces.start <= offer.replaces.end);
            prop_assert!(offer.replaces.end <= text.chars().count());
        }
    }
}
