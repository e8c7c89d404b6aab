//! Masks the values in a filter that are compared with secret attributes, for the history and the screens. Works on the
//! words alone, so that a filter that is wrong is masked too; what it means is not asked.

use crate::capture::filter::lex::Lexer;
use crate::capture::filter::lex::Token;
use crate::capture::filter::lex::TokenKind;
use crate::capture::secret::MASK;

/// The filter with the values masked that stand in one condition with an attribute that `is_secret`. A filter in which
/// nothing is masked stays as it is.
pub fn masked(text: &str, is_secret: impl Fn(&str) -> bool) -> String {
    let meant = |path: &str| is_secret(path).then_some(());
    replaced(text, meant, |(), _| MASK.to_owned())
}

/// The filter with the values replaced that stand in one condition with an attribute that is `meant` for something: `put`
/// hears for what, and the value without its quotes.
pub fn replaced<K: Copy>(
    text: &str,
    meant: impl Fn(&str) -> Option<K>,
    mut put: impl FnMut(K, &str) -> String,
) -> String {
    let mut lexer = Lexer::new(text);
    let mut places = Vec::new();
    let mut condition: Vec<Token> = Vec::new();
    let mut end = 0;
    let broken = loop {
        let Ok(token) = lexer.next() else {
            break true;
        };
        let ends = token.kind == TokenKind::End;
        if ends || token.kind.is_word("and") || token.kind.is_word("or") {
            places.extend(values(&condition, &lexer, &meant));
            condition.clear();
            if ends {
                break false;
            }
            continue;
        }
        end = token.end;
        condition.push(token);
    };
    let length = text.chars().count();
    if broken {
        let rest = lexer.slice(end, length);
        places.extend(values(&condition, &lexer, &meant));
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '/' | '.');
        let named = rest.split(|c| !is_name(c)).find_map(&meant);
        if let Some(what) = named.or_else(|| named_in(&condition, &lexer, &meant)) {
            places.push((end, length, what));
        }
    }
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (start, end, what) in places {
        out.push_str(&lexer.slice(at, start));
        let value = lexer.slice(start, end);
        out.push('\'');
        out.push_str(&put(what, value.trim_matches('\'')));
        out.push('\'');
        at = end;
    }
    out.push_str(&lexer.slice(at, length));
    out
}

/// Where the values of a condition stand that names an attribute which is meant, and for what.
fn values<K: Copy>(
    condition: &[Token],
    lexer: &Lexer,
    meant: &impl Fn(&str) -> Option<K>,
) -> Vec<(usize, usize, K)> {
    let Some(what) = named_in(condition, lexer, meant) else {
        return Vec::new();
    };
    let is_value = |token: &&Token| matches!(token.kind, TokenKind::Text(_) | TokenKind::Number(_));
    let values = condition.iter().filter(is_value);
    values.map(|token| (token.start, token.end, what)).collect()
}

fn named_in<K>(
    condition: &[Token],
    lexer: &Lexer,
    meant: &impl Fn(&str) -> Option<K>,
) -> Option<K> {
    let is_name = |token: &&Token| matches!(token.kind, TokenKind::Word(_) | TokenKind::Path(_));
    let mut names = condition.iter().filter(is_name);
    names.find_map(|token| meant(&lexer.slice(token.start, token.end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_beside_a_secret_name_are_masked_and_others_stay() {
        for (text, kept) in [
            ("email = 'a@b.c'", "email = 'a@b.c'"),
            ("/pin = 'X' and n > 1", "/pin = '••••••••' and n > 1"),
            ("(n > 1 or 'é' = pin)", "(n > 1 or '••••••••' = pin)"),
            ("a.pin=12", "a.pin='••••••••'"),
            ("pin = 'X", "pin ='••••••••'"),
            ("n = 1 & pin = 'X'", "n = 1'••••••••'"),
            ("n = 'pine", "n = 'pine"),
            ("", ""),
        ] {
            let is_secret = |path: &str| path.rsplit(['/', '.']).next() == Some("pin");
            assert_eq!(masked(text, is_secret), kept, "{text}");
        }
    }
}
