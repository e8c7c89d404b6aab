//! The bracket that belongs to the one at the cursor, in JSON that is still being written. Brackets inside strings are
//! text. Pure; the view marks what is found here.

/// A place in a text: line and character, from 0, as the text area counts.
pub type At = (usize, usize);

/// The partner of the bracket under the cursor, else of the one just before it; `None` when there is no bracket or its
/// partner is not written yet.
pub fn partner(lines: &[String], cursor: At) -> Option<At> {
    let before = cursor.1.checked_sub(1).map(|column| (cursor.0, column));
    let mut open: Vec<(char, At)> = Vec::new();
    let mut pairs: [Option<At>; 2] = [None, None];
    let wanted = [Some(cursor), before];
    let mut in_string = false;
    let mut escaped = false;
    for (row, line) in lines.iter().enumerate() {
        for (column, c) in line.chars().enumerate() {
            if in_string {
                in_string = escaped || c != '"';
                escaped = c == '\\' && !escaped;
                continue;
            }
            match c {
                '"' => in_string = true,
                '{' | '[' => open.push((c, (row, column))),
                '}' | ']' => {
                    let opening = if c == '}' { '{' } else { '[' };
                    let Some((found, start)) = open.pop() else {
                        return pairs[0].or(pairs[1]);
                    };
                    if found != opening {
                        // From here on nothing fits together.
                        return pairs[0].or(pairs[1]);
                    }
                    let end = (row, column);
                    for (pair, at) in pairs.iter_mut().zip(wanted) {
                        if at == Some(start) {
                            *pair = Some(end);
                        } else if at == Some(end) {
                            *pair = Some(start);
                        }
                    }
                }
                _ => {}
            }
        }
        // A string ends with its line, or was never closed.
        in_string = false;
        escaped = false;
    }
    pairs[0].or(pairs[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_find_each_other() {
        let cases = [
            ("{}", (0, 0), Some((0, 1))),
            ("{}", (0, 1), Some((0, 0))),
            // Just behind it counts, too.
            ("{}", (0, 2), Some((0, 0))),
            ("{\n  \"a\": [1, 2]\n}", (0, 0), Some((2, 0))),
            ("{\n  \"a\": [1, 2]\n}", (1, 7), Some((1, 12))),
            ("{\n  \"a\": [1, 2]\n}", (1, 4), None),
            ("{\"}\": \"\\\"]\"}", (0, 0), Some((0, 11))),
            ("[", (0, 0), None),
            ("]", (0, 0), None),
            ("[}", (0, 0), None),
            ("[]}", (0, 0), Some((0, 1))),
            ("\"open\n[]", (1, 0), Some((1, 1))),
            ("", (0, 0), None),
        ];
        for (text, cursor, expected) in cases {
            let lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
            assert_eq!(partner(&lines, cursor), expected, "{text} {cursor:?}");
        }
    }
}
