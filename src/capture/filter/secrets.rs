//! Masks the values in a filter that are compared with secret attributes, for the history and the screens. Works on the
//! words alone, so that a filter that is wrong is masked too; what it means is not asked.

use crate::capture::filter::lex::Lexer;
use crate::capture::filter::lex::Token;
use crate::capture::filter::lex::TokenKind;
use crate::capture::secret::MASK;

/// The filter with the values masked that stand in one condition with an attribute that `is_secret`. A filter in which
/// nothing is masked stays as it is.
pub fn masked(text: &str, is_secret: impl Fn(&str) -> bool) -> String {
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
            places.extend(secrets(&condition, &lexer, &is_secret));
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
        places.extend(secrets(&condition, &lexer, &is_secret));
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '/' | '.');
        let named = rest.split(|c| !is_name(c)).any(&is_secret);
        if named || names_secret(&condition, &lexer, &is_secret) {
            places.push((end, length));
        }
    }
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (start, end) in places {
        out.push_str(&lexer.slice(at, start));
        out.push('\'');
        out.push_str(MASK);
        out.push('\'');
        at = end;
    }
    out.push_str(&lexer.slice(at, length));
    out
}

/// Where the values of a condition stand that names a secret attribute.
fn secrets(
    condition: &[Token],
    lexer: &Lexer,
    is_secret: &impl Fn(&str) -> bool,
) -> Vec<(usize, usize)> {
    if !names_secret(condition, lexer, is_secret) {
        return Vec::new();
    }
    let is_value = |token: &&Token| matches!(token.kind, TokenKind::Text(_) | TokenKind::Number(_));
    let values = condition.iter().filter(is_value);
    values.map(|token| (token.start, token.end)).collect()
}

fn names_secret(condition: &[Token], lexer: &Lexer, is_secret: &impl Fn(&str) -> bool) -> bool {
    condition.iter().any(|token| {
        matches!(token.kind, TokenKind::Word(_) | TokenKind::Path(_))
            && is_secret(&lexer.slice(token.start, token.end))
    })
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
