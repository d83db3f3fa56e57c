use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::error::{Error, FILTER_LIMIT_EXCEEDED, Result};
use super::form::QueryForm;
use super::steps::Steps;
use imds::limits;

/// The filters of a request. A result must match all of them; a filter matches if one of its values
/// does.
pub(super) struct Filters<'f, C> {
    filters: Vec<(FilterKey<'f, C>, Vec<Pattern>)>,
    steps: &'f Steps,
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
        let items = form.items("Filter");
        let mut filters = Vec::new();
        for item in &items {
            // EC2's error for a filter without a name contains `null`.
            let name = form.text(&format!("{item}.Name")).unwrap_or("null");
            let column = columns.iter().find(|(known, _)| *known == name);
            let key = match (name.strip_prefix("tag:"), column) {
                (Some(key), _) if !key.is_empty() => FilterKey::Tag(key),
                (_, Some((_, column))) => FilterKey::Column(*column),
                // Observed: boto3#1299.
                _ => return Err(Error::value(format!("The filter '{name}' is invalid"))),
            };
            filters.push((key, form.texts(&format!("{item}.Value"))));
        }
        let over = |message: &str| Err(Error::new(&FILTER_LIMIT_EXCEEDED, message));
        let values = || filters.iter().flat_map(|(_, values)| values);
        if values().any(|value| value.chars().count() > limits::FILTER_VALUE_CHARACTERS) {
            let limit = limits::FILTER_VALUE_CHARACTERS;
            return over(&format!("The maximum length for a filter value is {limit} characters"));
        }
        if values().count() > limits::FILTER_VALUES {
            let limit = limits::FILTER_VALUES;
            return over(&format!("The maximum number of filter values specified on a single call is {limit}"));
        }
        if filters.len() > limits::FILTERS {
            let limit = limits::FILTERS;
            return over(&format!("The maximum number of filters specified on a single call is {limit}"));
        }
        let patterns = |values: Vec<&str>| values.into_iter().map(Pattern::parse).collect();
        let filters = filters.into_iter().map(|(key, values)| (key, patterns(values))).collect();
        Ok(Filters { filters, steps: form.filter_steps() })
    }

    /// Returns whether a result matches. `for_each_value` calls back with each value that the
    /// result has for a key. When the steps of the request are used up, nothing matches.
    pub fn matches(&self, for_each_value: impl Fn(&FilterKey<'f, C>, &mut dyn FnMut(&str))) -> bool {
        self.filters.iter().all(|(key, patterns)| {
            let mut matches = false;
            for_each_value(key, &mut |value| {
                self.steps.count(1);
                matches = matches || patterns.iter().any(|pattern| pattern.matches(value, self.steps));
            });
            matches && !self.steps.are_used_up()
        })
    }
}

/// The value of a filter. AWS's guide, "List and filter using the command line": "An asterisk (*)
/// matches zero or more characters, and a question mark (?) matches zero or one character", with the
/// example that `database????` finds "database" followed by up to four characters. A backslash
/// escapes the next character, and values are case-sensitive.
enum Pattern {
    /// Only this value matches.
    Literal(String),
    Glob(Glob),
}

/// A pattern with wildcards, as an automaton. State `i` means that the first `i` letters of the
/// pattern match what has been read of the value; a letter is a character or `?`, which also matches
/// nothing. The automaton is in several states at once, so it reads each character of the value once, however many `*` there
/// are.
struct Glob {
    /// The letters that each character of the pattern matches, sorted by character.
    letters: Vec<(char, States)>,
    /// The letters that any other character matches: each `?`.
    any: States,
    /// The states that a character does not leave: those with a `*` behind their letters.
    loops: States,
    /// The state in which all letters match.
    last: usize,
}

impl Pattern {
    /// Parses a pattern of at most [`limits::FILTER_VALUE_CHARACTERS`].
    fn parse(text: &str) -> Pattern {
        let (mut literal, mut is_literal) = (String::new(), true);
        let mut glob = Glob { letters: Vec::new(), any: NO_STATES, loops: NO_STATES, last: 0 };
        let mut rest = text.chars();
        while let Some(character) = rest.next() {
            let character = match character {
                '*' => {
                    is_literal = false;
                    set(&mut glob.loops, glob.last);
                    continue;
                }
                '?' => {
                    is_literal = false;
                    set(&mut glob.any, glob.last);
                    glob.last += 1;
                    continue;
                }
                '\\' => rest.next().unwrap_or('\\'),
                character => character,
            };
            literal.push(character);
            let place = glob.letters.binary_search_by_key(&character, |(letter, _)| *letter);
            let place = place.unwrap_or_else(|place| {
                glob.letters.insert(place, (character, NO_STATES));
                place
            });
            set(&mut glob.letters[place].1, glob.last);
            glob.last += 1;
        }
        for (_, states) in &mut glob.letters {
            states.iter_mut().zip(glob.any).for_each(|(states, any)| *states |= any);
        }
        if is_literal { Pattern::Literal(literal) } else { Pattern::Glob(glob) }
    }

    /// Returns whether it matches the whole value. Counts the steps.
    fn matches(&self, value: &str, steps: &Steps) -> bool {
        match self {
            Pattern::Literal(literal) => {
                steps.count(1);
                literal == value
            }
            Pattern::Glob(glob) => !steps.are_used_up() && glob.matches(value, steps),
        }
    }
}

impl Glob {
    fn matches(&self, value: &str, steps: &Steps) -> bool {
        let words = self.last / WORD_BITS + 1;
        let mut states = NO_STATES;
        set(&mut states, 0);
        self.skip_optional(&mut states, words);
        for character in value.chars() {
            steps.count(words);
            let place = self.letters.binary_search_by_key(&character, |(letter, _)| *letter);
            let letters = place.map_or(&self.any, |place| &self.letters[place].1);
            let (mut carry, mut union) = (0, 0);
            for index in 0..words {
                let next = states[index] & letters[index];
                states[index] = next << 1 | carry | states[index] & self.loops[index];
                carry = next >> (WORD_BITS - 1);
                union |= states[index];
            }
            if union == 0 {
                return false;
            }
            self.skip_optional(&mut states, words);
        }
        has(&states, self.last)
    }

    /// Adds the states that follow without a character: those behind each `?`.
    fn skip_optional(&self, states: &mut States, words: usize) {
        // In a run of `?`, the sum carries from the first state through all later ones, so it differs
        // from the run in them and in the state behind the run.
        let mut carry = false;
        for (states, optional) in states.iter_mut().zip(self.any).take(words) {
            let (sum, first) = (*states & optional).overflowing_add(optional);
            let (sum, second) = sum.overflowing_add(u64::from(carry));
            carry = first | second;
            *states |= sum ^ optional;
        }
    }
}

/// A set of states, or of letters: one bit for each, and one for the state after the last letter.
type States = [u64; limits::FILTER_VALUE_CHARACTERS / WORD_BITS + 1];

const NO_STATES: States = [0; limits::FILTER_VALUE_CHARACTERS / WORD_BITS + 1];
const WORD_BITS: usize = u64::BITS as usize;

fn set(states: &mut States, state: usize) {
    states[state / WORD_BITS] |= 1 << (state % WORD_BITS);
}

fn has(states: &States, state: usize) -> bool {
    states[state / WORD_BITS] >> (state % WORD_BITS) & 1 == 1
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec::Vec;

    use super::{Filters, Pattern, Steps};
    use crate::Fleet;
    use crate::query::form::QueryForm;
    use crate::query::handle;
    use imds::time::Timestamp;
    use imds::{Nonce, Seed, limits};
    use proptest::prelude::*;

    fn is_match(pattern: &str, value: &str) -> bool {
        Pattern::parse(pattern).matches(value, &Steps::new())
    }

    #[test]
    fn a_pattern_matches_whole_values_case_sensitively() {
        for (pattern, value, expected) in [
            ("a", "a", true),
            ("a", "A", false),
            ("a", "ab", false),
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("*", "anything", true),
            ("?", "", true),
            ("?", "ä", true),
            ("?", "ab", false),
            ("database????", "database", true),
            ("database????", "database-one", true),
            ("database????", "database-four", false),
            ("?a?*?b?", "ab", true),
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
            assert_eq!(is_match(pattern, value), expected, "{pattern} {value}");
        }
    }

    /// The definition: matches a pattern by trying all lengths for each `*` and `?`.
    fn matches_by_definition(pattern: &[char], value: &[char]) -> bool {
        match pattern {
            [] => value.is_empty(),
            ['*', rest @ ..] => (0..=value.len()).any(|taken| matches_by_definition(rest, &value[taken..])),
            ['?', rest @ ..] => (0..=value.len().min(1)).any(|taken| matches_by_definition(rest, &value[taken..])),
            ['\\', letter, rest @ ..] | [letter, rest @ ..] => {
                value.first() == Some(letter) && matches_by_definition(rest, &value[1..])
            }
        }
    }

    proptest! {
        #[test]
        fn a_pattern_matches_as_its_definition(pattern in r"[ab\u{e4}*?\\]{0,9}", value in r"[ab\u{e4}*?\\]{0,12}") {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(is_match(&pattern, &value), matches_by_definition(&chars(&pattern), &chars(&value)));
        }

        /// Patterns whose states fill several words.
        #[test]
        fn a_long_pattern_matches_as_a_short_one(
            pad in 0..=limits::FILTER_VALUE_CHARACTERS - 9,
            pattern in "[ab*?]{0,9}",
            value in "[ab]{0,12}",
        ) {
            let pad = "x".repeat(pad);
            prop_assert_eq!(is_match(&(pad.clone() + &pattern), &(pad + &value)), is_match(&pattern, &value));
        }
    }

    /// A fleet of instances with 50 tags of 256 `a` each.
    fn fleet_with_long_tags(count: u32) -> Fleet {
        let mut launch = alloc::format!(
            "Action=RunInstances&Version=2016-11-15&ImageId=ami-1&MinCount={count}&MaxCount={count}\
             &TagSpecification.1.ResourceType=instance"
        );
        for tag in 1..=50 {
            let value = "a".repeat(limits::TAG_VALUE_CHARACTERS);
            launch +=
                &alloc::format!("&TagSpecification.1.Tag.{tag}.Key={tag}&TagSpecification.1.Tag.{tag}.Value={value}");
        }
        let mut fleet = Fleet::new(Seed::parse_hex("2a").unwrap());
        assert_eq!(handle(&mut fleet, Timestamp::EPOCH, launch.as_bytes(), Nonce::new(1)).status, 200);
        fleet
    }

    fn describe(values: usize, pattern: &str) -> String {
        let values = (1..=values).map(|value| alloc::format!("&Filter.1.Value.{value}={pattern}"));
        "Action=DescribeInstances&Version=2016-11-15&Filter.1.Name=tag-value".chars().collect::<String>()
            + &values.collect::<String>()
    }

    #[test]
    fn a_call_compares_values_in_a_bounded_number_of_steps() {
        let mut fleet = fleet_with_long_tags(25);
        // Each pattern takes a step for each word of states, 128 letters and a state: 3.
        let pattern = "*".chars().chain("a".repeat(127).chars()).chain(['b']).collect::<String>();
        let one = QueryForm::parse(describe(1, &pattern).as_bytes()).ok().unwrap();
        let filters = Filters::read(&one, &[("tag-value", ())]).ok().unwrap();
        let value = "a".repeat(limits::TAG_VALUE_CHARACTERS);
        assert!(!filters.matches(|_, emit| (0..50).for_each(|_| emit(&value))));
        assert_eq!(one.filter_steps().used(), 50 * (1 + 3 * limits::TAG_VALUE_CHARACTERS as u64));

        let allowed = handle(&mut fleet, Timestamp::EPOCH, describe(10, &pattern).as_bytes(), Nonce::new(2));
        assert_eq!(allowed.status, 200);
        let rejected = handle(&mut fleet, Timestamp::EPOCH, describe(200, &pattern).as_bytes(), Nonce::new(3));
        assert_eq!(rejected.error.map(|code| code.name), Some("FilterLimitExceeded"));
    }

    #[test]
    fn used_up_steps_end_the_comparisons() {
        let form = QueryForm::parse(describe(200, "*a*").as_bytes()).ok().unwrap();
        let filters = Filters::read(&form, &[("tag-value", ())]).ok().unwrap();
        form.filter_steps().0.set(1000);
        let value = "b".repeat(limits::TAG_VALUE_CHARACTERS);
        let emitted = core::cell::Cell::new(0);
        assert!(!filters.matches(|_, emit| (0..1000).for_each(|_| {
            emitted.set(emitted.get() + 1);
            emit(&value);
        })));
        assert_eq!(form.filter_steps().0.get(), 0);
        assert!(form.filter_steps().check().is_err());
        // Nothing matches any more, not even a value that the filters name.
        assert!(!filters.matches(|_, emit| emit("a")));
    }
}
