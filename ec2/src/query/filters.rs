use alloc::format;
use alloc::vec::Vec;

use super::error::{Error, FILTER_LIMIT_EXCEEDED, Result};
use super::form::Form;
use imds::limits;

/// The filters of a request. What is shown passes all of them, and a filter by any one of its values.
pub(super) struct Filters<'f, C> {
    filters: Vec<(Of<'f, C>, Vec<Pattern>)>,
}

/// What a filter is of.
pub(super) enum Of<'f, C> {
    /// The value of the tag of this key.
    Tag(&'f str),
    /// What a column of the known ones gives.
    Column(C),
}

impl<'f, C: Copy> Filters<'f, C> {
    /// Reads them, each of a column of these or of a tag.
    pub fn read(form: &'f Form, columns: &[(&str, C)]) -> Result<Filters<'f, C>> {
        let (mut filters, mut values) = (Vec::new(), Vec::new());
        for item in form.items("Filter") {
            // As EC2 tells of a filter without a name.
            let name = form.text(&format!("{item}.Name")).unwrap_or("null");
            let column = columns.iter().find(|(known, _)| *known == name);
            let of = match (name.strip_prefix("tag:"), column) {
                (Some(key), _) if !key.is_empty() => Of::Tag(key),
                (_, Some((_, column))) => Of::Column(*column),
                // Seen: boto3#1299.
                _ => return Err(Error::value(format!("The filter '{name}' is invalid"))),
            };
            let of_filter = form.texts(&format!("{item}.Value"));
            filters.push((of, of_filter.iter().map(|value| Pattern::parse(value)).collect()));
            values.extend(of_filter);
        }
        let over = |what: &str| Err(Error::new(&FILTER_LIMIT_EXCEEDED, what));
        if values.iter().any(|value| value.chars().count() > limits::FILTER_VALUE_CHARACTERS) {
            let most = limits::FILTER_VALUE_CHARACTERS;
            return over(&format!("The maximum length for a filter value is {most} characters"));
        }
        if values.len() > limits::FILTER_VALUES {
            let most = limits::FILTER_VALUES;
            return over(&format!("The maximum number of filter values specified on a single call is {most}"));
        }
        Ok(Filters { filters })
    }

    /// Whether something passes, of which `give` gives all values that it has under what a filter is of.
    pub fn let_through(&self, give: impl Fn(&Of<'f, C>, &mut dyn FnMut(&str))) -> bool {
        self.filters.iter().all(|(of, patterns)| {
            let mut passes = false;
            give(of, &mut |value| passes |= patterns.iter().any(|pattern| pattern.fits(value)));
            passes
        })
    }
}

/// A value as a filter has it. AWS: `*` stands for any characters, `?` for one, and a backslash takes from the next one
/// what it stands for. Letters count in their case.
struct Pattern(Vec<Part>);

enum Part {
    Any,
    One,
    Exactly(char),
}

impl Pattern {
    fn parse(text: &str) -> Pattern {
        let mut parts = Vec::new();
        let mut rest = text.chars();
        while let Some(character) = rest.next() {
            parts.push(match character {
                '*' => Part::Any,
                '?' => Part::One,
                '\\' => Part::Exactly(rest.next().unwrap_or('\\')),
                character => Part::Exactly(character),
            });
        }
        Pattern(parts)
    }

    /// Whether it is the whole value.
    fn fits(&self, value: &str) -> bool {
        let value: Vec<char> = value.chars().collect();
        let (mut at, mut seen) = (0, 0);
        // Where to go on when what follows the last `*` does not fit: the `*` then stands for one character more.
        let mut retry: Option<(usize, usize)> = None;
        loop {
            match (self.0.get(at), value.get(seen)) {
                (None, None) => return true,
                (Some(Part::Any), _) => {
                    retry = Some((at, seen));
                    at += 1;
                }
                (Some(Part::One), Some(_)) => (at, seen) = (at + 1, seen + 1),
                (Some(Part::Exactly(wanted)), Some(given)) if wanted == given => (at, seen) = (at + 1, seen + 1),
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
    fn a_value_is_matched_whole_and_in_its_case() {
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
            assert_eq!(Pattern::parse(pattern).fits(value), is_match, "{pattern} {value}");
        }
    }
}
