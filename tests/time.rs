//! Timestamps compared with jiff.

use imds::record::read_json;
use imds::time::Timestamp;
use jiff::SignedDuration;
use jiff::civil::{DateTime, date};
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::tz::Offset;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, ..ProptestConfig::default() })]

    #[test]
    fn printing_agrees_with_jiff_over_the_whole_range(at in timestamp()) {
        let civil = civil(at);
        prop_assert_eq!(http_date(at), civil.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string());
        prop_assert_eq!(event_date(at), civil.strftime("%-d %b %Y %H:%M:%S GMT").to_string());
        prop_assert_eq!(rfc3339_seconds(at), civil.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        prop_assert_eq!(
            at.display_with_millis().to_string(),
            civil.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
        );
        let fraction = if at.millis() % 1000 == 0 { "" } else { "%.3f" };
        let format = format!("%Y-%m-%dT%H:%M:%S{fraction}Z");
        prop_assert_eq!(at.to_string(), civil.strftime(&format).to_string());
    }

    #[test]
    fn http_dates_agree_with_jiffs_own_http_dates(at in timestamp_of_jiff()) {
        let theirs = DateTimePrinter::new().timestamp_to_rfc9110_string(&jiff(at)).unwrap();
        prop_assert_eq!(http_date(at), theirs);
    }

    #[test]
    fn a_printed_timestamp_parses_to_the_same_instant(at in timestamp()) {
        prop_assert_eq!(Timestamp::parse_rfc3339(&at.to_string()), Ok(at));
        prop_assert_eq!(
            Timestamp::parse_rfc3339(&rfc3339_seconds(at)),
            Ok(at.truncate_to_second())
        );
        prop_assert_eq!(Timestamp::parse_rfc3339(&at.display_with_millis().to_string()), Ok(at));
        prop_assert_eq!(read_json::<Timestamp>(&format!("\"{at}\"")), Ok(at));
    }

    #[test]
    fn parsing_agrees_with_jiff_for_any_offset_and_fraction(
        at in timestamp_of_jiff(),
        offset_minutes in -(23 * 60 + 59)..=(23 * 60 + 59),
        fraction in "(\\.[0-9]{1,9})?",
        lower_case in any::<bool>(),
    ) {
        let offset = Offset::from_seconds(offset_minutes * 60).unwrap();
        let second = jiff(at.truncate_to_second());
        let text = second.display_with_offset(offset).to_string();
        let (until_second, offset) = text.split_at("2020-09-26T14:28:58".len());
        let mut text = format!("{until_second}{fraction}{offset}");
        if lower_case {
            text = text.to_lowercase();
        }
        prop_assert_eq!(Timestamp::parse_rfc3339(&text), Ok(ours(text.parse().unwrap())), "{}", text);
    }

    #[test]
    fn digits_after_the_milliseconds_are_ignored(
        at in timestamp(),
        more in "[0-9]{0,64}",
    ) {
        let text = format!("{}.{:03}{more}Z", civil(at.truncate_to_second()), at.millis() % 1000);
        prop_assert_eq!(Timestamp::parse_rfc3339(&text), Ok(at), "{}", text);
    }

    #[test]
    fn arbitrary_text_is_rejected_in_one_line(text in any::<String>()) {
        let refusal = Timestamp::parse_rfc3339(&text).unwrap_err();
        prop_assert!(!refusal.to_string().contains('\n'));
    }

    /// One or two changes to a valid text: it is rejected, or jiff parses the same instant.
    #[test]
    fn mutated_text_is_rejected_or_parsed_as_jiff_parses_it(
        at in timestamp_of_jiff(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), "[0-9TtZz:.+-]|\\PC"), 1..=2),
    ) {
        let mut text = at.to_string();
        for (place, new) in edits {
            let place = place.index(text.chars().count());
            text = text.chars().enumerate().fold(String::new(), |mut edited, (index, old)| {
                if index == place { edited.push_str(&new) } else { edited.push(old) }
                edited
            });
        }
        if let Ok(read) = Timestamp::parse_rfc3339(&text) {
            prop_assert_eq!(read, ours(text.parse().unwrap()), "{}", text);
        }
    }
}

/// Walks from 1970 to 9999 by the lengths of the months.
#[test]
fn every_day_follows_the_previous_day() {
    let mut day = Timestamp::EPOCH;
    for year in 1970..=9999 {
        let leap = year % 4 == 0 && year % 100 != 0 || year % 400 == 0;
        let february = if leap { 29 } else { 28 };
        let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        for (month, length) in (1..).zip(months) {
            let first = format!("{year}-{month:02}-01T00:00:00Z");
            assert_eq!(Timestamp::parse_rfc3339(&first), Ok(day));
            let mut expected = first.into_bytes();
            for day_of_month in 1..=length {
                expected[8] = b'0' + day_of_month / 10;
                expected[9] = b'0' + day_of_month % 10;
                let mut printed = Vec::with_capacity(20);
                day.push_rfc3339_seconds(&mut printed);
                assert_eq!(printed, expected);
                day = day.saturating_add_seconds(86_400);
            }
        }
    }
    assert_eq!(day, Timestamp::MAX);
}

#[test]
fn http_dates_match_recorded_responses() {
    assert_eq!(http_date(at("2020-09-26T14:45:29Z")), "Sat, 26 Sep 2020 14:45:29 GMT");
    assert_eq!(http_date(at("2023-10-02T14:05:18.999Z")), "Mon, 02 Oct 2023 14:05:18 GMT");
    assert_eq!(http_date(Timestamp::EPOCH), "Thu, 01 Jan 1970 00:00:00 GMT");
    assert_eq!(http_date(Timestamp::MAX), "Fri, 31 Dec 9999 23:59:59 GMT");
}

#[test]
fn event_dates_do_not_pad_the_day() {
    assert_eq!(event_date(at("2019-01-21T09:00:43Z")), "21 Jan 2019 09:00:43 GMT");
    assert_eq!(event_date(at("2021-01-01T02:00:00Z")), "1 Jan 2021 02:00:00 GMT");
}

#[test]
fn display_and_debug_omit_zero_milliseconds() {
    let shown = |at| format!("{at} {at:?}");
    assert_eq!(shown(Timestamp::EPOCH), "1970-01-01T00:00:00Z 1970-01-01T00:00:00Z");
    assert_eq!(shown(Timestamp::MAX), "9999-12-31T23:59:59.999Z 9999-12-31T23:59:59.999Z");
    assert_eq!(at("2020-09-26T14:28:58.007Z").to_string(), "2020-09-26T14:28:58.007Z");
}

#[test]
fn display_with_millis_keeps_zero_milliseconds() {
    assert_eq!(at("2020-09-26T14:28:58Z").display_with_millis().to_string(), "2020-09-26T14:28:58.000Z");
    assert_eq!(at("2020-09-26T14:28:58.007Z").display_with_millis().to_string(), "2020-09-26T14:28:58.007Z");
    assert_eq!(Timestamp::MAX.display_with_millis().to_string(), "9999-12-31T23:59:59.999Z");
}

#[test]
fn arithmetic_stops_at_both_ends() {
    assert_eq!(Timestamp::from_millis(Timestamp::MAX.millis()), Some(Timestamp::MAX));
    assert_eq!(Timestamp::from_millis(Timestamp::MAX.millis() + 1), None);
    assert_eq!(Timestamp::saturating_from_millis(u64::MAX), Timestamp::MAX);
    assert_eq!(Timestamp::EPOCH.saturating_add_millis(u64::MAX), Timestamp::MAX);
    assert_eq!(Timestamp::EPOCH.saturating_add_seconds(u64::MAX), Timestamp::MAX);
    assert_eq!(Timestamp::MAX.saturating_sub_millis(u64::MAX), Timestamp::EPOCH);
    assert_eq!(Timestamp::EPOCH.millis_since(Timestamp::MAX), 0);
}

#[test]
fn every_parse_error_names_the_fault() {
    for (text, refusal) in [
        ("", "expected a digit of the year at byte 0"),
        ("2020/09", "expected '-' after the year at byte 4"),
        ("2020-13-01T00:00:00Z", "the month is 13, which is not in 1 to 12"),
        ("2100-02-29T00:00:00Z", "the day is 29, which is not in 1 to 28"),
        ("2020-09-26 14:28:58Z", "expected 'T' after the date at byte 10"),
        ("2016-12-31T23:59:60Z", "the second is 60: a timestamp cannot hold a leap second"),
        ("2016-12-31T23:59:61Z", "the second is 61, which is not in 0 to 59"),
        ("2020-09-26T14:28:58.Z", "expected a digit of the fraction at byte 20"),
        ("2020-09-26T14:28:58", "expected 'Z' or an offset such as '+02:00' at byte 19"),
        ("2020-09-26T14:28:58+24:00", "the offset's hour is 24, which is not in 0 to 23"),
        ("2020-09-26T14:28:58Z\n", "the text goes on after the offset, at byte 20"),
        ("1970-01-01T00:00:00+00:01", OUTSIDE),
        ("0000-01-01T00:00:00Z", OUTSIDE),
        ("9999-12-31T23:59:59-00:01", OUTSIDE),
    ] {
        assert_eq!(Timestamp::parse_rfc3339(text).unwrap_err().to_string(), refusal, "{text:?}");
    }
}

#[test]
fn json_errors_name_the_fault() {
    let refusal = |json| read_json::<Timestamp>(json).unwrap_err().to_string();
    assert_eq!(refusal("\"2020-02-30T00:00:00Z\""), "the day is 30, which is not in 1 to 29");
    assert_eq!(
        refusal("1601130538"),
        "expected an RFC 3339 date and time such as \"2020-09-26T14:28:58Z\", found the number 1601130538"
    );
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

fn timestamp() -> impl Strategy<Value = Timestamp> {
    (0..=Timestamp::MAX.millis()).prop_map(Timestamp::saturating_from_millis)
}

/// The timestamps that jiff supports: they end 26 hours earlier, so every time zone can print them.
fn timestamp_of_jiff() -> impl Strategy<Value = Timestamp> {
    let last = jiff::Timestamp::MAX.as_millisecond() as u64;
    (0..=last).prop_map(Timestamp::saturating_from_millis)
}

fn jiff(at: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(at.millis() as i64).unwrap()
}

fn ours(at: jiff::Timestamp) -> Timestamp {
    Timestamp::from_millis(at.as_millisecond() as u64).unwrap()
}

fn civil(at: Timestamp) -> DateTime {
    let since_epoch = SignedDuration::from_millis(at.millis() as i64);
    date(1970, 1, 1).at(0, 0, 0, 0).checked_add(since_epoch).unwrap()
}

fn http_date(at: Timestamp) -> String {
    text_of(|out| out.extend_from_slice(&at.http_date()))
}

fn event_date(at: Timestamp) -> String {
    text_of(|out| at.push_event_date(out))
}

fn rfc3339_seconds(at: Timestamp) -> String {
    text_of(|out| at.push_rfc3339_seconds(out))
}

/// The text that `push` appends. It must keep what was there.
fn text_of(push: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = b"before ".to_vec();
    push(&mut out);
    let text = String::from_utf8(out).unwrap();
    text.strip_prefix("before ").unwrap().to_owned()
}

const OUTSIDE: &str = "the instant is outside 1970-01-01T00:00:00Z to 9999-12-31T23:59:59.999Z";
