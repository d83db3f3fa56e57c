use alloc::format;
use alloc::vec::Vec;

use super::error::{Error, FILTER_LIMIT_EXCEEDED, Result};
use super::form::QueryForm;
use imds::limits;

/// The filters of a request. A result must match all of them; a filter matches if one of its values
/// does.
pub(super) struct Filters<'f, C> {
    filters: Vec<(FilterKey<'f, C>, Vec<Pattern>)>,
}

/// The value that a filter looks at.
pub(super) enum FilterKey<'f, C> {
    /// The value of the tag with this key.
    Tag(&'f str),
    /// A column of the action's table of filters.
    Column(C),
}

impl<'f, C: Copy> Filters<'f, C> {
    /// Reads the filters of a form. Each names one of the columns or a tag.
    pub fn read(form: &'f QueryForm, columns: &[(&str, C)]) -> Result<Filters<'f, C>> {
        let (mut filters, mut values) = (Vec::new(), Vec::new());
        for item in form.items("Filter") {
            // EC2's error for a filter without a name contains `null`.
            let name = form.text(&format!("{item}.Name")).unwrap_or("null");
            let column = columns.iter().find(|(known, _)| *known == name);
            let key = match (name.strip_prefix("tag:"), column) {
                (Some(key), _) if !key.is_empty() => FilterKey::Tag(key),
                (_, Some((_, column))) => FilterKey::Column(*column),
                // Observed: boto3#1299.
                _ => return Err(Error::value(format!("The filter '{name}' is invalid"))),
            };
            let texts = form.texts(&format!("{item}.Value"));
            filters.push((key, texts.iter().map(|value| Pattern::parse(value)).collect()));
            values.extend(texts);
        }
        let over = |message: &str| Err(Error::new(&FILTER_LIMIT_EXCEEDED, message));
        if values.iter().any(|value| value.chars().count() > limits::FILTER_VALUE_CHARACTERS) {
            let limit = limits::FILTER_VALUE_CHARACTERS;
            return over(&format!("The maximum length for a filter value is {limit} characters"));
        }
        if values.len() > limits::FILTER_VALUES {
            let limit = limits::FILTER_VALUES;
            return over(&format!("The maximum number of filter values specified on a single call is {limit}"));
        }
        Ok(Filters { filters })
    }

    /// Returns whether a result matches. `for_each_value` calls back with each value that the
    /// result has for a key.
    pub fn matches(&self, for_each_value: impl Fn(&FilterKey<'f, C>, &mut dyn FnMut(&str))) -> bool {
        self.filters.iter().all(|(key, patterns)| {
            let mut matches = false;
            for_each_value(key, &mut |value| matches |= patterns.iter().any(|pattern| pattern.matches(value)));
            matches
        })
    }
}

/// The value of a filter. AWS: `*` matches any characters, `?` matches one, and a backslash escapes
/// the next character. Values are case-sensitive.
struct Pattern(Vec<Part>);

enum Part {
    Any,
    One,
    Literal(char),
}

impl Pattern {
    fn parse(text: &str) -> Pattern {
        let mut parts = Vec::new();
        let mut rest = text.chars();
        while let Some(character) = rest.next() {
            parts.push(match character {
                '*' => Part::Any,
                '?' => Part::One,
                '\\' => Part::Literal(rest.next().unwrap_or('\\')),
                character => Part::Literal(character),
            });
        }
        Pattern(parts)
    }

    /// Returns whether it matches the whole value.
    fn matches(&self, value: &str) -> bool {
        let value: Vec<char> = value.chars().collect();
        let (mut at, mut seen) = (0, 0);
        // The last `*` and the first character behind it. If the rest does not match, the `*` takes
        // one more character.
        let mut retry: Option<(usize, usize)> = None;
        loop {
            match (self.0.get(at), value.get(seen)) {
                (None, None) => return true,
                (Some(Part::Any), _) => {
                    retry = Some((at, seen));
                    at += 1;
                }
                (Some(Part::One), Some(_)) => (at, seen) = (at + 1, seen + 1),
                (Some(Part::Literal(literal)), Some(next)) if literal == next => (at, seen) = (at + 1, seen + 1),
                _ => match retry {
                    Some((star, from)) if from < value.len() => {
                        retry = Some((star, from + 1));
                        (at, seen) = (star + 1, from + 1);
                    }
                    _ => return false,
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn a_pattern_matches_whole_values_case_sensitively() {
        for (pattern, value, is_match) in [
            ("a", "a", true),
            ("a", "A", false),
            ("a", "ab", false),
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("*", "anything", true),
            ("?", "", false),
            ("?", "ä", true),
            ("t?.*", "t3.micro", true),
            ("t?.*", "t3a.micro", false),
            ("*.nano", "t2.nano", true),
            ("*a*b", "xaybab", true),
            ("*a*b", "xaybaba", false),
            ("a**c", "abc", true),
            (r"\*amazon\?\\", r"*amazon?\", true),
            (r"\*", "x", false),
            (r"\", r"\", true),
        ] {
            assert_eq!(Pattern::parse(pattern).matches(value), is_match, "{pattern} {value}");
        }
    }
}
